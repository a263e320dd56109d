"""`qref vectors`: list, generate, verify and discriminate the conformance vectors."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qref.errors import UsageError
from qref.vectors import data, discriminate, generate, suite_json, verify
from qref.vectors.case import Suite

app = typer.Typer(help="The conformance vectors: what there is, and that it holds.", no_args_is_help=True)

Suites = Annotated[list[str] | None, typer.Argument(help="Suites, by default all.", show_default=False)]


@app.command("list")
def list_suites() -> None:
    """Prints the suites with their cases by operator."""
    table = Table("suite", "operator", "cases", "exact", "any-of", "bound", "error", "open", box=None)
    for suite in suite_json.load_all():
        operators = Counter(case.request.op for case in suite.cases)
        kinds = Counter((case.request.op, case.expect.kind) for case in suite.cases)
        for operator, count in sorted(operators.items()):
            each = [kinds[operator, kind] for kind in ("exact", "any-of", "bound", "error", "open")]
            table.add_row(suite.name, operator, *(f"{n:,}" for n in (count, *each)))
    Console(soft_wrap=True).print(table)


@app.command("generate")
def generate_suites(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where a file would change.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Also record the answers as published.")] = False,
) -> None:
    """Writes conformance/vectors and the manifest from the generators: the same bytes on every machine."""
    folder = checkout()
    files = generate.files(folder, generated(), publish)
    changed = [path for path, content in files.items() if not path.is_file() or path.read_bytes() != content]
    if not check:
        generate.write(files)
    for path in changed:
        typer.echo(f"{'differs' if check else 'wrote'}  {path.relative_to(folder.parent)}")
    if not changed:
        typer.echo("nothing changed")
    raise typer.Exit(1 if check and changed else 0)


@app.command("verify")
def verify_suites(
    suites: Suites = None,
    every: Annotated[int, typer.Option(help="Compute the answer of one case in this many again.", min=1)] = 1,
) -> None:
    """Checks each case against schema, key, spec, mistakes, reference and manifest; exit 1 where something is wrong."""
    wanted(suites)
    count = 0
    for problem in verify.problems(data.conformance(), suites, every):
        typer.echo(problem)
        count += 1
    if count:
        typer.echo(f"{count} problem{'s' if count > 1 else ''}")
        raise typer.Exit(1)
    for suite in suite_json.load_all(suites):
        typer.echo(f"{suite.name}: {len(suite.cases):,} cases hold")


@app.command("discriminate")
def discriminate_suites(
    write: Annotated[bool, typer.Option("--write", help="Write conformance/kills.json.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where kills.json says otherwise.")] = False,
    jobs: Annotated[int | None, typer.Option(help="Processes, by default one a processor.", min=1)] = None,
) -> None:
    """Prints how many cases separate each two profiles and catch each mistake; exit 1 where some are not told apart."""
    kills = discriminate.discriminate(suite_json.load_all(), jobs)
    console = Console(soft_wrap=True)
    console.print(profile_table(kills))
    console.print(mistake_table(kills))
    path = (checkout() if write else data.conformance()) / "kills.json"
    content = discriminate.dump(kills)
    stale = check and (not path.is_file() or path.read_bytes() != content)
    if write:
        path.write_bytes(content)
    for name in kills.survivors:
        typer.echo(f"{name}: fewer than two cases catch it")
    unproved = [pair for pair in kills.inseparable if pair not in discriminate.PROOFS]
    for first, second in unproved:
        typer.echo(f"{first} and {second}: no case separates them, and no proof says why")
    if stale:
        typer.echo("kills.json says otherwise: run qref vectors discriminate --write")
    raise typer.Exit(1 if stale or kills.survivors or unproved else 0)


def profile_table(kills: discriminate.Kills) -> Table:
    """The matrix of profiles: cases whose outputs differ."""
    names = sorted({name for pair in kills.pairs for name in pair})
    table = Table("cases that separate", *names, box=None)
    for row in names:
        cells = ["·" if row == column else f"{kills.pairs[min(row, column), max(row, column)]:,}" for column in names]
        table.add_row(row, *cells)
    return table


def mistake_table(kills: discriminate.Kills) -> Table:
    """Each mistake with the number of cases that catch it, and the smallest."""
    table = Table("mistake", "cases that catch it", "smallest", box=None)
    for name, caught in kills.mistakes.items():
        table.add_row(name, f"{len(caught):,}", caught[0] if caught else "–")
    return table


def generated() -> list[Suite]:
    """The suites as their generators make them."""
    from qref.vectors.generators import SUITES  # here, for no other command needs them

    return [build() for build in SUITES.values()]


def wanted(suites: list[str] | None) -> None:
    """Raises UsageError for a suite that does not exist."""
    there = [path.stem for path in sorted((data.conformance() / "vectors").glob("*.json"))]
    for name in suites or ():
        if name not in there:
            raise UsageError(f"suite {name!r} does not exist; there are: {', '.join(there)}")


def checkout() -> Path:
    """conformance/ of the checkout. Raises UsageError where qref runs from an installed copy."""
    root = data.checkout()
    if root is None:
        raise UsageError("the vectors are written in a checkout: clone the repository and pip install -e .")
    return root / "conformance"
