"""`qref spec`: the requirements, and where each is implemented, tested by vectors and tested here."""

import json
from pathlib import Path
from typing import Annotated

import typer

from qref.cli import columns
from qref.errors import UsageError
from qref.vectors import data, links, requirements, suite_json, trace

app = typer.Typer(help="The spec's requirements.", no_args_is_help=True)

COLUMNS = ["requirement", "basis", "function", "vectors", "tests"]


@app.callback()
def spec() -> None:
    """The spec's requirements."""


@app.command("trace")
def trace_requirements(
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where something is missing; links as well.")] = False,
) -> None:
    """Prints requirement → reference function → vectors → tests."""
    root = data.checkout()
    suites = suite_json.load_all()
    marked = trace.marked_tests(root / "tests") if root else {}
    rows = trace.rows(requirements.all(), suites, marked)
    if as_json:
        typer.echo(json.dumps(table_json(rows), ensure_ascii=False))
    else:
        for line in columns.lines(COLUMNS, table(rows)):
            typer.echo(line)
    if not check:
        return
    if root is None:
        raise UsageError("the tests are in the checkout only: clone the repository to check the trace")
    problems = [*trace.gaps(rows, suites, marked, root / "tests"), *links.dead(pages(root), root)]
    for problem in problems:
        typer.echo(problem, err=True)
    raise typer.Exit(1 if problems else 0)


def pages(root: Path) -> list[Path]:
    """The pages whose links are checked: those at the top, the spec, conformance/ and docs/."""
    patterns = ("*.md", "spec/*.md", "conformance/**/*.md", "docs/**/*.md")
    return [path for pattern in patterns for path in sorted(root.glob(pattern))]


def table(rows: list[trace.Row]) -> list[list[str]]:
    """The trace for a terminal: numbers of cases and tests, and the first of each."""
    shown = []
    for row in rows:
        one = row.requirement
        shown.append([one.id, one.basis, ", ".join(one.functions) or "–", first(row.cases), first(row.tests)])
    return shown


def first(names: tuple[str, ...]) -> str:
    """How many there are, and the first by name."""
    return f"{len(names):,}: {names[0]}" if names else "–"


def table_json(rows: list[trace.Row]) -> dict[str, object]:
    """The trace in the form of every table: name, columns, rows, source."""
    return {
        "name": "spec-trace",
        "columns": COLUMNS,
        "rows": [
            [
                row.requirement.id,
                row.requirement.basis,
                list(row.requirement.functions),
                list(row.cases),
                list(row.tests),
            ]
            for row in rows
        ],
        "source": "spec/*.md, conformance/vectors, tests/",
    }
