"""`qref engines`: what can be judged here."""

from typing import Annotated

import typer


def engines(json: Annotated[bool, typer.Option("--json", help="Print a table as JSON.")] = False) -> None:
    """List the engines: installed or not, version, size, and the command that installs each."""
    from qref.judge.listing import show_engines

    show_engines(json)
