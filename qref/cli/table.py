"""`qref table`: the seed's tables, reproduced."""

import json
from pathlib import Path
from typing import Annotated

import typer


def table(
    name: Annotated[str | None, typer.Argument(help="memory, runtime …; none lists them.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    measured: Annotated[
        list[Path] | None,
        typer.Option(help="runtime: a report of `qref bench layers --json` instead of measuring; one a dtype."),
    ] = None,
) -> None:
    """A table of the seed, reproduced, beside the printed numbers."""
    from qref.cli import columns
    from qref.errors import UsageError
    from qref.tables import TABLES

    if name is None:
        rows = [(known, about) for known, (about, _) in TABLES.items()]
        if as_json:
            listing = {"name": "tables", "columns": ["table", "shows"], "rows": rows, "source": "qref.tables.TABLES"}
            typer.echo(json.dumps(listing, ensure_ascii=False))
        else:
            for line in columns.lines(["table", "shows"], rows):
                typer.echo(line)
        return
    if name not in TABLES:
        raise UsageError(f"there is no table {name}: {', '.join(TABLES)}")
    if measured and name != "runtime":
        raise UsageError(f"table {name} takes no --measured")
    make = TABLES[name][1]
    made = make(measured=measured) if measured else make()
    if as_json:
        typer.echo(json.dumps(made.json, ensure_ascii=False))
    else:
        for line in made.lines():
            typer.echo(line)
