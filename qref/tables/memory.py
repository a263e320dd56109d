"""Memory of three algorithms on the ten layers: input, output, weights and workspace, beside the seed's cells."""

from qref.conv import ALGORITHMS
from qref.conv.ten_layers import TEN_LAYERS
from qref.tables import seed
from qref.tables.table import Table

MB = 10**6  # the seed's megabyte
NAMES = {"im2col": "Im2col", "mec": "MEC", "direct": "direct"}
SOURCE = f"{seed.MEMORY_SOURCE} (direct: its row QEngine); mb: qref.conv.ALGORITHMS[…].cost, 10⁶ bytes"


def megabytes(algorithm: str, layer: str) -> float:
    """Input + output + weights + workspace of an algorithm on one of the ten layers, in MB."""
    shapes = TEN_LAYERS[layer].shapes
    return ALGORITHMS[algorithm].cost(shapes).peak(shapes) / MB


def memory() -> Table:
    """Thirty cells beside the seed's, with the difference.

    Two printed cells are cut, not rounded (Im2col conv3, MEC conv9): there the difference passes half a digit.
    """
    rows = []
    for algorithm, name in NAMES.items():
        for layer in TEN_LAYERS:
            mb, printed = megabytes(algorithm, layer), seed.MEMORY[algorithm].of(layer)
            rows.append((name, layer, mb, printed, round(mb - printed, 6)))
    digits = {"mb": 4, "seed_mb": 2, "difference": 4}
    return Table("memory", ("algorithm", "layer", "mb", "seed_mb", "difference"), tuple(rows), SOURCE, digits)
