"""What every algorithm costs on each of the ten layers: arithmetic, traffic and memory, from its own accounting."""

import math
from collections.abc import Iterator
from dataclasses import replace

from qref.conv import ALGORITHMS, Algorithm, Shapes
from qref.conv.ten_layers import TEN_LAYERS, Layer
from qref.tables.table import Table

ZEROS = 0.75
"""Share of the weights that is zero where an algorithm leaves zeros out."""
COLUMNS = (
    "algorithm",
    "layer",
    "operands",
    "multiplications",
    "additions",
    "bytes_read",
    "bytes_written",
    "workspace",
    "weights",
    "peak",
    "shifts",
)
WIDTHS = (2, 2)
"""Bits of x and w where an algorithm takes bits one by one."""
OPERANDS = {
    "numbers": "float32",
    "int8": "int8",
    "signs": "±1 as int8",
    "planes": f"{WIDTHS[0]} and {WIDTHS[1]} bits as int8",
    "powers": "int8 and ±2^e",
}


def shapes_of(algorithm: Algorithm, layer: Layer) -> Shapes:
    """A layer as an algorithm takes it: float32, or bytes with sums of 32 bits; a quarter of the weights if sparse."""
    if algorithm.operands != "numbers":
        widths = WIDTHS if algorithm.operands == "planes" else None
        return replace(layer.shapes, itemsize=1, accumulator=4, widths=widths)
    if algorithm.name.startswith("sparse-"):
        return replace(layer.shapes, nonzeros=round(math.prod(layer.w) * (1 - ZEROS)))
    return layer.shapes


def applying() -> Iterator[tuple[Algorithm, Layer, Shapes]]:
    """Every algorithm with every layer that it can be used on."""
    for algorithm in ALGORITHMS.values():
        for layer in TEN_LAYERS.values():
            shapes = shapes_of(algorithm, layer)
            if not algorithm.applies(shapes):
                yield algorithm, layer, shapes


def costs() -> Table:
    """One row an algorithm and layer. Bytes throughout; weights as the algorithm keeps them; peak is all at once."""
    rows = []
    for algorithm, layer, shapes in applying():
        cost = algorithm.cost(shapes)
        operands = OPERANDS[algorithm.operands] + (f", {ZEROS:.0%} zeros" if shapes.nonzeros is not None else "")
        weights = shapes.weight_bytes if cost.weights is None else cost.weights
        counted = (cost.multiplications, cost.additions, cost.bytes_read, cost.bytes_written, cost.workspace)
        rows.append((algorithm.name, layer.name, operands, *counted, weights, cost.peak(shapes), cost.shifts))
    return Table(
        "costs",
        COLUMNS,
        tuple(rows),
        "qref.conv.ALGORITHMS[…].cost on qref.conv.ten_layers",
        dict.fromkeys(COLUMNS[3:], 0),
    )
