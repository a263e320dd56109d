"""`qref engines`: the table of engines."""

import json

from qref.engines.catalogue import listing
from qref.judge import terminal

COLUMNS = ("engine", "installed", "version", "size", "install", "about")


def rows() -> list[tuple[str, ...]]:
    """One row an engine, the two that are none of qref's own last."""
    found = [
        (
            engine.name,
            "yes" if engine.installed else "no",
            engine.version or "–",
            f"{engine.megabytes:.0f} MB" if engine.megabytes >= 0.5 else "–",
            engine.command,
            engine.about,
        )
        for engine in listing()
    ]
    return [
        *found,
        ("cmd:PROGRAM ARGS", "–", "–", "–", "–", "any program that speaks the protocol"),
        ("answers:FILE", "–", "–", "–", "–", "answers made elsewhere, to the requests of --requests"),
    ]


def show_engines(as_json: bool) -> None:
    """Prints the table."""
    table = rows()
    if as_json:
        print(json.dumps({"name": "engines", "columns": list(COLUMNS), "rows": table, "source": "installed packages"}))
        return
    out = terminal.console()
    widths = [max(len(row[k]) for row in [COLUMNS, *table]) for k in range(len(COLUMNS))]
    for k, row in enumerate([COLUMNS, *table]):
        out.print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip(), style="" if k else "bold")
