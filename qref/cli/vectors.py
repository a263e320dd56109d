"""`qref vectors`: list, generate, verify and discriminate the conformance vectors."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from qref.cli import columns
from qref.errors import UsageError
from qref.numerics.profiles import PROFILES
from qref.vectors import data, discriminate, generate, suite_json, verify
from qref.vectors.case import Suite

app = typer.Typer(help="The conformance vectors: what there is, and that it holds.", no_args_is_help=True)

KINDS = ("exact", "any-of", "bound", "error", "open")
Suites = Annotated[list[str] | None, typer.Argument(help="Suites, by default all.", show_default=False)]


@app.command("list")
def list_suites() -> None:
    """Prints the suites with their cases by operator."""
    rows = []
    for suite in suite_json.load_all():
        operators = Counter(case.request.op for case in suite.cases)
        kinds = Counter((case.request.op, case.expect.kind) for case in suite.cases)
        for operator, count in sorted(operators.items()):
            each = [kinds[operator, kind] for kind in KINDS]
            rows.append([suite.name, operator, *(f"{n:,}" for n in (count, *each))])
    show(["suite", "operator", "cases", *KINDS], rows, numbers=1 + len(KINDS))


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
    path = (checkout() if write else data.conformance()) / "kills.json"
    kills = discriminate.discriminate(suite_json.load_all(), jobs)
    show(*profile_table(kills), numbers=len(PROFILES))
    typer.echo()
    show(*mistake_table(kills))
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


def show(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> None:
    """Prints a table."""
    for line in columns.lines(head, rows, numbers):
        typer.echo(line)


def profile_table(kills: discriminate.Kills) -> tuple[list[str], list[list[str]]]:
    """The matrix of profiles: cases whose outputs differ."""
    names = sorted({name for pair in kills.pairs for name in pair})
    rows = []
    for row in names:
        cells = ["·" if row == column else f"{kills.pairs[min(row, column), max(row, column)]:,}" for column in names]
        rows.append([row, *cells])
    return ["cases that separate", *names], rows


def mistake_table(kills: discriminate.Kills) -> tuple[list[str], list[list[str]]]:
    """Each mistake with the number of cases that catch it, and the smallest."""
    rows = [[name, f"{len(caught):,}", caught[0] if caught else "–"] for name, caught in kills.mistakes.items()]
    return ["mistake", "cases that catch it", "smallest"], rows


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
