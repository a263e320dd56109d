"""The times of a report as a table: ms of each contender on each layer."""

from collections.abc import Iterable, Iterator

from qref.bench.algorithms import CHOICE, DEFAULT
from qref.bench.report import OWN, Report, Row


def table(report: Report) -> Iterator[list[str]]:
    """Rows of cells: a contender, ms a layer, the share of the peak in the middle of all layers."""
    cells = {(row.engine, row.algorithm, row.layer): row for row in report.rows}
    for engine, algorithm in contenders(report):
        rows = [cells.get((engine, algorithm, name)) for name in report.layers]
        label = algorithm if engine == OWN else f"{engine} {algorithm}"
        yield [label, *(cell(row) for row in rows), share(row for row in rows if row is not None)]


def contenders(report: Report) -> list[tuple[str, str]]:
    """Engines and algorithms: qref's in the order of DEFAULT, as not all are on the first layer, then peers."""
    known = DEFAULT.get(report.dtype, ())

    def place(contender: tuple[str, str]) -> tuple[bool, int]:
        engine, algorithm = contender
        return engine != OWN, known.index(algorithm) if algorithm in known else len(known)

    return sorted(dict.fromkeys((row.engine, row.algorithm) for row in report.rows), key=place)


def cell(row: Row | None) -> str:
    """ms with three digits that count; in doubt where the output was wrong."""
    if row is None:
        return "–"
    digits = 2 if row.ms < 10 else 1 if row.ms < 100 else 0
    return f"{row.ms:.{digits}f}" if row.checked else f"{row.ms:.{digits}f}!"


def share(rows: Iterable[Row]) -> str:
    """The middle share of the peak."""
    shares = sorted(row.share_of_peak for row in rows)
    return f"{100 * shares[len(shares) // 2]:.0f} %" if shares else "–"


def chosen(rows: Iterable[Row]) -> str:
    """What ran as CHOICE: direct on conv1, conv2; winograd-2x2 on conv3. Empty where nothing did."""
    layers: dict[str, list[str]] = {}
    for row in rows:
        if (row.engine, row.algorithm) == (OWN, CHOICE):
            layers.setdefault(row.kernel, []).append(row.layer)
    return "; ".join(f"{kernel} on {', '.join(names)}" for kernel, names in layers.items())
