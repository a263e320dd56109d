"""The times of a report as a table: ms of each contender on each layer."""

from collections.abc import Callable, Iterable, Iterator

from qref.bench.algorithms import DEFAULT
from qref.bench.report import OWN, Report, Row


def table(report: Report, dtype: str) -> Iterator[list[str]]:
    """Rows of cells: a contender, ms a layer, the share of the peak in the middle of all layers."""
    contenders = sorted(dict.fromkeys((row.engine, row.algorithm) for row in report.rows), key=place_of(dtype))
    cells = {(row.engine, row.algorithm, row.layer): row for row in report.rows}
    for engine, algorithm in contenders:
        rows = [cells.get((engine, algorithm, name)) for name in report.layers]
        label = algorithm if engine == OWN else f"{engine} {algorithm}"
        yield [label, *(cell(row) for row in rows), share(row for row in rows if row is not None)]


def place_of(dtype: str) -> Callable[[tuple[str, str]], tuple[bool, int]]:
    """qref's own algorithms in the order of DEFAULT, then peers: not all of them are on the first layer."""

    def place(contender: tuple[str, str]) -> tuple[bool, int]:
        engine, algorithm = contender
        known = DEFAULT[dtype]
        return engine != OWN, known.index(algorithm) if algorithm in known else len(known)

    return place


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
