"""Ratios of times in one run on one layer: own algorithms over peers, sparse over dense."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import exp, fsum, log

from qref.bench.algorithms import CHOICE, TO_UINT8
from qref.bench.report import OWN, Report, Row
from qref.conv.ten_layers import TEN_LAYERS

Rows = dict[str, Row]
"""A contender's rows by layer."""
Speedups = Mapping[str, Mapping[str, float]]
"""How much faster than dense direct convolution, by algorithm and layer."""

BY_TAPS = ("direct", "int8-direct", TO_UINT8)
"""What leaves out the taps that lie in the padding, and those only."""


def own(rows: Iterable[Row], algorithm: str, dtype: str = "float32") -> Rows:
    """The rows of one of qref's algorithms whose outputs were right."""
    return {
        row.layer: row
        for row in rows
        if row.checked and (row.engine, row.algorithm, row.dtype) == (OWN, algorithm, dtype)
    }


def fastest_peer(
    rows: Iterable[Row],
    dtype: str,
    only: Collection[tuple[str, str]] | None = None,
    without: Collection[tuple[str, str]] = (),
) -> Rows:
    """The fastest right row of each layer that is not qref's.

    only, without: engines and algorithms that count, and that do not.
    """
    best: Rows = {}
    for row in rows:
        contender = row.engine, row.algorithm
        if row.engine == OWN or not row.checked or row.dtype != dtype or contender in without:
            continue
        if only is not None and contender not in only:
            continue
        if row.layer not in best or row.ms < best[row.layer].ms:
            best[row.layer] = row
    return best


def speedups(rows: Rows, over: Rows) -> dict[str, float]:
    """How many times faster, on the layers that both have."""
    return {layer: over[layer].ms / row.ms for layer, row in rows.items() if layer in over}


def error_ratios(rows: Rows, over: Rows) -> dict[str, float]:
    """How many times larger the error is, on the layers that both have and where the other one has any."""
    return {
        layer: row.max_error / over[layer].max_error
        for layer, row in rows.items()
        if layer in over and over[layer].max_error
    }


def errors(rows: Sequence[Row], layers: Sequence[str]) -> Iterator[list[str]]:
    """Cells as of `table`: the errors of what the choice takes and of each layer's fastest peer, and their ratio."""
    chosen, peers = own(rows, CHOICE), fastest_peer(rows, "float32")
    if not chosen or not peers:
        return
    for title, found in ((f"{CHOICE}, error · 10⁶", chosen), ("fastest peer, error · 10⁶", peers)):
        yield from titled(title, {layer: 1e6 * row.max_error for layer, row in found.items()}, layers)
    yield from titled(f"error of {CHOICE} over its", error_ratios(chosen, peers), layers)


def executed_shares(rows: Rows) -> dict[str, float]:
    """The share of the peak by the multiply-adds that are executed: those of taps in the padding are left out."""
    found = {}
    for layer, row in rows.items():
        if layer in TEN_LAYERS:
            shapes = TEN_LAYERS[layer].shapes
            found[layer] = row.share_of_peak * shapes.touched / shapes.macs
    return found


def geometric_mean(values: Iterable[float]) -> float:
    """exp of the mean logarithm. There is at least one."""
    logarithms = [log(value) for value in values]
    return exp(fsum(logarithms) / len(logarithms))


def table(report: Report, seed: Speedups) -> Iterator[list[str]]:
    """Rows of cells: a title, a number a layer, their geometric mean.

    seed: speed-ups of sparse convolution to be shown beside the measured ones.
    """
    if not report.rows:
        return
    layers, dtype = report.layers, report.dtype
    peers = fastest_peer(report.rows, dtype)
    algorithms = list(dict.fromkeys(row.algorithm for row in report.rows if row.engine == OWN))
    if peers:
        yield ["fastest peer", *(peers[layer].engine if layer in peers else "–" for layer in layers), ""]
        for algorithm in algorithms:
            yield from titled(f"{algorithm} over it", speedups(own(report.rows, algorithm, dtype), peers), layers)
        yield from errors(report.rows, layers)
    direct = own(report.rows, "direct")
    for algorithm in algorithms:
        if algorithm.startswith("sparse-"):
            yield from titled(f"{algorithm} over direct", speedups(own(report.rows, algorithm), direct), layers)
            yield from titled("  the seed's", seed.get(algorithm, {}), layers)
    for algorithm in BY_TAPS:
        yield from titled(
            f"{algorithm}, of peak by MACs executed", executed_shares(own(report.rows, algorithm, dtype)), layers
        )


def titled(title: str, values: Mapping[str, float], layers: Sequence[str]) -> Iterator[list[str]]:
    """One row of cells, or none where there is no value."""
    found = [values[layer] for layer in layers if layer in values]
    if found:
        cells = (f"{values[layer]:.2f}" if layer in values else "–" for layer in layers)
        yield [title, *cells, f"{geometric_mean(found):.2f}"]
