"""Fills in the tables of the pages on algorithms.

In a page, `<!-- table: KIND WORDS … -->` begins a table and `<!-- end of table -->` ends it; what stands between them
is written by python -m tools.docs_pages. KIND is a function of TABLES. Two of them show what was measured once, on a
quiet machine, and stays as it was recorded:

    qref table errors --json >docs/reports/errors.json
    qref bench layers … --json docs/reports/bench-DTYPE.json    as docs/bench.md says, float32 and int8
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qref.conv import ALGORITHMS
from qref.conv.ten_layers import TEN_LAYERS
from qref.tables import seed
from qref.tables.costs import costs, shapes_of
from qref.tables.energy import energy, energy_layers
from qref.tables.memory import MB, NAMES, megabytes
from qref.tables.runtime import ENTRIES, read
from qref.tables.table import Table
from tools.markdown_table import table

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("algorithms.md", "choose-an-algorithm.md", "energy.md", "algorithms/*.md")
ERRORS = ROOT / "docs" / "reports" / "errors.json"
BENCH = tuple(ROOT / "docs" / "reports" / f"bench-{dtype}.json" for dtype in ("float32", "int8"))
MARKED = re.compile(r"(<!-- table: (?P<kind>[\w-]+)(?P<words>[^>]*?) -->\n)(?:(?!<!--).*\n)*?(<!-- end of table -->)")
LAYERS = tuple(TEN_LAYERS)


def pages() -> dict[str, str]:
    """Every page on algorithms with its tables filled in, by its path inside docs/."""
    docs = ROOT / "docs"
    paths = [path for pattern in PAGES for path in sorted(docs.glob(pattern))]
    return {path.relative_to(docs).as_posix(): filled(path.read_text(encoding="utf-8")) for path in paths}


def filled(page: str, tables: Mapping[str, Callable[..., str]] | None = None) -> str:
    """A page with the tables that its marks ask for, of those given, or of TABLES."""
    kinds = TABLES if tables is None else tables

    def made(mark: re.Match[str]) -> str:
        return f"{mark[1]}\n{kinds[mark['kind']](*mark['words'].split())}\n{mark[4]}"

    return MARKED.sub(made, page)


METRICS: dict[str, tuple[str, Callable[[dict[str, int]], float], int]] = {
    "multiplications": ("10⁶ multiplications", lambda row: row["multiplications"] / 1e6, 1),
    "shifts": ("10⁶ shifts", lambda row: row["shifts"] / 1e6, 1),
    "traffic": ("MB read and written", lambda row: (row["bytes_read"] + row["bytes_written"]) / MB, 2),
    "workspace": ("MB of workspace", lambda row: row["workspace"] / MB, 2),
    "peak": ("MB at once", lambda row: row["peak"] / MB, 2),
}
"""What is shown of a cost: its words, its value, its decimal places."""


def cost_rows() -> dict[tuple[str, str], dict[str, int]]:
    """`qref table costs` by algorithm and layer."""
    made = costs()
    return {(str(row[0]), str(row[1])): dict(zip(made.columns[3:], row[3:])) for row in made.rows}  # type: ignore[arg-type]


def cells(metric: str, algorithm: str, rows: dict[tuple[str, str], dict[str, int]]) -> list[str]:
    """One metric of an algorithm on the ten layers, a dash where it does not apply."""
    _, value, digits = METRICS[metric]
    found = (rows.get((algorithm, layer)) for layer in LAYERS)
    return ["–" if row is None else f"{value(row):.{digits}f}" for row in found]


def side_by_side(*algorithms: str) -> str:
    """All metrics of some algorithms, one metric after the other; shifts where one of them shifts."""
    rows = cost_rows()
    shown = [metric for metric in METRICS if metric != "shifts" or any(one["shifts"] for one in of(rows, algorithms))]
    lines = [
        [METRICS[metric][0] if i == 0 else "", f"`{name}`", *cells(metric, name, rows)]
        for metric in shown
        for i, name in enumerate(algorithms)
    ]
    return table(["", "algorithm", *LAYERS], lines, numbers=10)


def of(rows: dict[tuple[str, str], dict[str, int]], algorithms: Sequence[str]) -> list[dict[str, int]]:
    """The rows of some algorithms."""
    return [row for (name, _), row in rows.items() if name in algorithms]


def printed(made: Table) -> str:
    """A table of the command line as it is printed there."""
    numbers = len(made.digits)
    lines = [[made.shown(i, cell) for i, cell in enumerate(row)] for row in made.rows]
    heads = list(made.columns)
    texts = [i for i, name in enumerate(heads) if name not in made.digits]
    order = [*texts, *(i for i in range(len(heads)) if i not in texts)]
    return table([heads[i] for i in order], [[line[i] for i in order] for line in lines], numbers=numbers)


def of_all(metric: str) -> str:
    """One metric of every algorithm."""
    rows = cost_rows()
    lines = [[f"`{name}`", *cells(metric, name, rows)] for name in ALGORITHMS]
    return table([METRICS[metric][0], *LAYERS], lines, numbers=10)


def layers() -> str:
    """The ten layers."""
    lines = []
    for layer in TEN_LAYERS.values():
        (_, C, H, W), (K, _, R, S), geometry = layer.x, layer.w, layer.geometry
        macs = f"{layer.shapes.macs / 1e6:.1f}"
        numbers = (C, f"{H}×{W}", K, f"{R}×{S}", geometry.strides[0], geometry.pads_begin[0], macs)
        lines.append([layer.name, layer.origin, *(str(number) for number in numbers)])
    return table(["layer", "from", "C", "H×W", "K", "R×S", "stride", "pad", "10⁶ MACs"], lines, numbers=7)


def memory() -> str:
    """The memory table: ours, the seed's and the difference."""
    lines = []
    for algorithm, name in NAMES.items():
        ours = [megabytes(algorithm, layer) for layer in LAYERS]
        printed = [seed.MEMORY[algorithm].of(layer) for layer in LAYERS]
        lines.append([name, "MB", *(f"{mb:.4f}" for mb in ours)])
        lines.append(["", "the seed", *(f"{mb:.2f}" for mb in printed)])
        lines.append(["", "difference", *(f"{a - b:+.4f}".replace("-", "−") for a, b in zip(ours, printed))])
    return table(["", "", *LAYERS], lines, numbers=10)


def runtime() -> str:
    """The runtime tables as ratios to dense direct: the seed's, and below it what was measured last."""
    times, machine = read(BENCH) if measured() else ({}, "")
    lines = []
    for entry in ENTRIES:
        if entry.algorithm == "direct":
            continue
        base = seed.RUNTIME_DIRECT["direct"]
        lines.append([entry.row.label, "the seed", *(f"{entry.row.of(one) / base.of(one):.2f}" for one in LAYERS)])
        pairs = [(times.get((one, entry.algorithm)), times.get((one, "direct"))) for one in LAYERS]
        if times:
            lines.append(["", "here", *(f"{ms / direct:.2f}" if ms and direct else "–" for ms, direct in pairs)])
    found = table(["time / dense direct", "", *LAYERS], lines, numbers=10)
    return found + (f"\nHere: {machine}, by `qref bench layers`.\n" if times else "")


def measured() -> bool:
    """Whether there is a recorded measurement."""
    return all(path.is_file() for path in BENCH)


def runtime_figure() -> str:
    """The recorded measurement as bars, else the seed's."""
    name = "runtime-by-layer"
    if not measured():
        words = "Bars of runtime by layer, from the seed's tables"
        return f"![{words}](figures/{name}.svg)\n\nDrawn by `qref figure {name} -o {name}.svg`.\n"
    options = " ".join(f"--measured {path.relative_to(ROOT).as_posix()}" for path in BENCH)
    words = "Bars of runtime by layer as ratios to dense direct, the seed's ratios as dots"
    return f"![{words}](figures/{name}-measured.svg)\n\nDrawn by `qref figure {name} {options} -o {name}.svg`.\n"


def seed_ratios(which: str) -> str:
    """The seed's times over those of dense direct, smallest to largest over the ten layers, of one of its tables."""
    base = seed.RUNTIME_DIRECT["direct"].values
    chosen = [entry for entry in ENTRIES if entry.table == which and entry.algorithm != "direct"]
    lines = [[one.row.label, spread(ms / direct for ms, direct in zip(one.row.values, base))] for one in chosen]
    return table(["", "time / dense direct"], lines, numbers=1)


def errors(*algorithms: str) -> str:
    """The errors that were measured last, largest and typical, beside the bound, by number of channels."""
    report = json.loads(ERRORS.read_text(encoding="utf-8"))
    found = {(name, channels): rest for name, channels, *rest in report["rows"]}
    channels = sorted({channels for _, channels in found})
    lines = []
    for name in algorithms or dict.fromkeys(name for name, _ in found):
        for i, (words, digits) in enumerate((("largest", 2), ("typical", 2), ("bound", 0))):
            shown = [f"{found[name, count][i]:,.{digits}f}" for count in channels]
            lines.append([f"`{name}`" if i == 0 else "", words, *shown])
    return table(
        ["error / u·Σ\\|x\\|\\|w\\|", "", *(f"C = {count}" for count in channels)], lines, numbers=len(channels)
    )


def on_a_chip(budget: str) -> str:
    """KiB of SRAM where weights stay in flash and outputs become 8 bits at once; bold: within the budget of bytes."""
    lines = []
    for name in ("direct", "mec", "im2col", "int8-direct", "int8-gemm", "xnor"):
        algorithm = ALGORITHMS[name]
        shown = []
        for layer in TEN_LAYERS.values():
            shapes = shapes_of(algorithm, layer)
            if algorithm.operands != "numbers":
                shapes = replace(shapes, accumulator=1)
            image = shapes.input_bytes + shapes.output_bytes
            if algorithm.operands == "signs":  # one bit each: the packed image is the image, and so is the output
                image = -(-shapes.output[1] // 8) * shapes.windows
            need = image + algorithm.cost(shapes).workspace
            number = f"{need / 1024:,.0f}"
            shown.append(f"**{number}**" if need <= int(budget) else number)
        lines.append([f"`{name}`", *shown])
    return table(["KiB", *LAYERS], lines, numbers=10)


def within(*budgets: str) -> str:
    """How many of the ten layers fit into each budget of KiB, weights included."""
    rows = cost_rows()
    lines = []
    for name in ALGORITHMS:
        peaks = [row["peak"] for (algorithm, _), row in rows.items() if algorithm == name]
        counts = [sum(peak <= 1024 * int(budget) for peak in peaks) for budget in budgets]
        lines.append([f"`{name}`", f"{len(peaks)}", *(str(count) for count in counts)])
    heads = [f"{int(budget) / 1024:g} MiB" for budget in budgets]
    return table(["layers that fit", "apply", *heads], lines, numbers=len(budgets) + 1)


def ratios(*pairs: str) -> str:
    """For pairs A/B of algorithms: multiplications, traffic and peak of A over those of B, smallest to largest."""
    rows = cost_rows()
    lines = []
    for pair in pairs:
        one, other = pair.split("/")
        both = [layer for layer in LAYERS if (one, layer) in rows and (other, layer) in rows]
        shown = []
        for metric in ("multiplications", "traffic", "peak"):
            value = METRICS[metric][1]
            shown.append(spread(value(rows[one, layer]) / value(rows[other, layer]) for layer in both))
        lines.append([f"`{one}` / `{other}`", str(len(both)), *shown])
    return table(["", "layers", "multiplications", "bytes moved", "memory at once"], lines, numbers=4)


def spread(values: Iterable[float]) -> str:
    """0.31 to 0.44, or one number where they agree."""
    found = list(values)
    low, high = f"{min(found):.2f}", f"{max(found):.2f}"
    return low if low == high else f"{low} to {high}"


TABLES: dict[str, Callable[..., str]] = {
    "side-by-side": side_by_side,
    "of-all": of_all,
    "layers": layers,
    "memory": memory,
    "runtime": runtime,
    "runtime-figure": runtime_figure,
    "seed-ratios": seed_ratios,
    "errors": errors,
    "on-a-chip": on_a_chip,
    "within": within,
    "ratios": ratios,
    "energy": lambda: printed(energy()),
    "energy-layers": lambda: printed(energy_layers()),
}
"""The kinds of tables."""

__all__: Sequence[str] = ["filled", "pages"]
