"""Runtime on the ten layers: the seed's three tables, beside this machine's measurement of the same algorithms.

The seed's board is not here, so what is compared are ratios: an algorithm's time over that of dense direct convolution
on the same layer and machine. Below 1 is faster than direct.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from qref.engines.versions import require
from qref.errors import UsageError
from qref.tables import seed
from qref.tables.table import Cell, Table

OWN = "qref"
"""What a bench report calls qref's own kernels."""

INT8 = "int8-direct"

COLUMNS = ("table", "algorithm", "layer", "seed_ms", "seed_ratio", "ms", "ratio")


class Entry(NamedTuple):
    """A row of a printed table, and the name of the same algorithm in a bench report."""

    table: str
    row: seed.Row
    algorithm: str


ENTRIES = (
    *(Entry("direct", row, name) for name, row in seed.RUNTIME_DIRECT.items()),
    *(
        Entry("sparse", row, f"sparse-direct@{round(100 * zeros)}" if zeros else "direct")
        for zeros, row in seed.RUNTIME_SPARSE.items()
    ),
    *(Entry("int8", row, INT8 if dtype == "int8" else "direct") for dtype, row in seed.RUNTIME_INT8.items()),
)

FIELDS = ("layer", "algorithm", "engine", "ms", "checked")
Times = dict[tuple[str, str], float]
"""ms by layer and algorithm."""


def runtime(measured: Sequence[Path] = ()) -> Table:
    """The three tables, one row a printed cell.

    Args:
        measured: reports of `qref bench layers --json`; without one, it measures now, outputs checked, one thread.

    Raises:
        MissingExtra: nothing to measure with.
        UsageError: the file is no report.
    """
    times, machine = read(measured) if measured else measure()
    rows: list[tuple[Cell, ...]] = []
    for entry in ENTRIES:
        for layer in seed.LAYERS:
            printed, base = entry.row.of(layer), seed.RUNTIME_DIRECT["direct"].of(layer)
            ms, direct = times.get((layer, entry.algorithm)), times.get((layer, "direct"))
            ratio = None if ms is None or direct is None else ms / direct
            rows.append((entry.table, entry.row.label, layer, printed, printed / base, ms, ratio))
    sources = (seed.RUNTIME_DIRECT_SOURCE, seed.RUNTIME_SPARSE_SOURCE, seed.RUNTIME_INT8_SOURCE)
    digits = {"seed_ms": 2, "seed_ratio": 2, "ms": 3, "ratio": 2}
    return Table("runtime", COLUMNS, tuple(rows), f"{'; '.join(sources)}; ms: {machine}", digits)


def measure() -> tuple[Times, str]:
    """Times of this machine, and which machine it is; how far it is stands on the terminal.

    Raises:
        MissingExtra: Numba is not installed.
    """
    require("numba", "fast")
    from qref.bench.command import Watcher
    from qref.bench.layers import measure as run

    names = dict.fromkeys(entry.algorithm for entry in ENTRIES)
    reports = []
    with Watcher() as watcher:
        for dtype, wanted in (("float32", names.keys() - {INT8}), ("int8", {INT8})):
            reports.append(run(algorithms=[name for name in names if name in wanted], dtype=dtype, progress=watcher))
    rows = [(row.layer, row.algorithm, row.engine, row.ms, row.checked) for report in reports for row in report.rows]
    return times_of(rows), f"qref bench layers, {reports[0].cpu}, 1 thread, the least of all runs"


def read(paths: Sequence[Path]) -> tuple[Times, str]:
    """Times of bench reports, and the machine they were made on.

    Raises:
        UsageError: a file is not there, or no report, or of another machine than the first.
    """
    times: Times = {}
    machines = []
    for path in paths:
        report = load(path)
        times |= times_of([tuple(row[name] for name in FIELDS) for row in report["rows"]])
        machines.append(f"{report['cpu']}, {threads(report['threads'])}")
        if machines[-1] != machines[0]:
            raise UsageError(f"{path} is of {machines[-1]}, {paths[0]} of {machines[0]}: times of two machines")
    return times, machines[0]


def load(path: Path) -> dict[str, Any]:
    """A bench report. Raises UsageError where the file is not there, or no report."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        for row in report["rows"]:
            _ = [row[name] for name in FIELDS]
        _ = report["cpu"], report["threads"], report["peak_gops"] + 0.0
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no report of qref bench layers --json: {error}") from error
    found: dict[str, Any] = report
    return found


def threads(count: int) -> str:
    """1 thread, 2 threads."""
    return f"{count} thread{'' if count == 1 else 's'}"


def times_of(rows: Iterable[tuple[Any, ...]]) -> Times:
    """qref's own times whose output was checked; peers are left out."""
    return {(layer, name): ms for layer, name, engine, ms, checked in rows if checked and engine == OWN}
