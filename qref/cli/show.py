"""`qref show`: one case with its arithmetic."""

from typing import Annotated

import typer


def show(
    case: Annotated[str, typer.Argument(help="The case's key, its id, or the beginning of either.", metavar="CASE")],
    engine: Annotated[str | None, typer.Option(help="Show this engine's answer beside it.", metavar="E")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds for the answer.", metavar="S")] = 10.0,
) -> None:
    """Show one case with its arithmetic, the engine's answer beside it."""
    from qref.judge.show import show_case

    show_case(case, engine, timeout)
