"""Fills in the measurements of docs/bench.md from the reports that were recorded once, on a quiet machine.

A report stays as it was recorded, and names the command that made it; `--json docs/reports/bench-DTYPE.json` keeps it.
What stands between `<!-- table: report DTYPE -->` or `<!-- table: goals -->` and `<!-- end of table -->` is written by
python -m tools.docs_pages.
"""

from collections.abc import Sequence
from pathlib import Path

from qref.bench import ratios, times
from qref.bench.algorithms import CHOICE, DEFAULT
from qref.bench.goals import goals as all_goals
from qref.bench.report import Report
from qref.cli.bench import speedups
from tools.algorithm_pages import ROOT, filled
from tools.markdown_table import cell, table

PAGE = ROOT / "docs" / "bench.md"
REPORTS = ROOT / "docs" / "reports"


def pages() -> dict[str, str]:
    """The page with its measurements filled in, by its path inside docs/."""
    return {PAGE.name: filled(PAGE.read_text(encoding="utf-8"), {"report": report, "goals": goals})}


def path_of(dtype: str) -> Path:
    """Where the report of a dtype lies."""
    return REPORTS / f"bench-{dtype}.json"


def recorded() -> dict[str, Report]:
    """The reports that are there, by dtype."""
    return {dtype: Report.read(path_of(dtype)) for dtype in DEFAULT if path_of(dtype).is_file()}


def report(dtype: str) -> str:
    """Where and how a dtype was measured, its bars, its times, its ratios; or that it was not."""
    found = recorded().get(dtype)
    kept = f"docs/reports/{path_of(dtype).name}"
    if found is None:
        return f"Not recorded yet: {kept}.\n"
    name = f"bench-{dtype}"
    parts = [
        f"`{found.command} --json {kept}`",
        origin(found),
        f"![Bars of operations a second by layer, {dtype}, below the peak as a line](figures/{name}.svg)",
        f"Drawn by `qref bench figure {kept} -o {name}.svg`. Milliseconds, the least of all runs:",
        numbers(found.layers, "of peak", list(times.table(found))),
    ]
    if chosen := times.chosen(found.rows):
        parts.append(f"`{CHOICE}` is {chosen}.")
    if compared := list(ratios.table(found, speedups())):
        parts += ["Ratios, above 1 is faster, and what else is compared:", numbers(found.layers, "mean", compared)]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def origin(found: Report) -> str:
    """The machine and the versions."""
    threads = f"{found.threads} thread{'' if found.threads == 1 else 's'}"
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    return (
        f"{found.cpu} ({', '.join(found.features)}), {threads}, kernels of the set `{found.instructions}`; {versions}; "
        f"{found.date[:10]}. The peak is {found.peak_gops:.1f} · 10⁹ operations a second, by {found.peak_instruction}."
    )


def numbers(layers: Sequence[str], last: str, rows: Sequence[Sequence[str]]) -> str:
    """A table of a title and numbers."""
    return table(["", *layers, last], [[cell(text) for text in row] for row in rows], numbers=len(layers) + 1)


def goals() -> str:
    """Every goal with what the reports reach."""
    reports = recorded()
    if not reports:
        return "Not recorded yet.\n"
    found = all_goals(list(reports.values()), speedups())
    rows = [[cell(goal.name), cell(goal.detail), *goal.cells] for goal in found]
    command = " ".join(f"docs/reports/{path_of(dtype).name}" for dtype in reports)
    head = ["goal", "where", "", "reached", "wanted"]
    return f"By `qref bench goals {command}`:\n\n{table(head, rows, numbers=2)}"
