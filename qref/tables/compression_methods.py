"""Compression methods on AlexNet's fully-connected layers: what shapes alone give, and what the papers print.

Sizes are those of the encoded types, codebooks and tables included. An operation is a multiplication or a look-up, with
its addition, counted for one input, as a share of the dense layer's. Pruned weights lie evenly apart, so that no gap
needs a filler. What Huffman's code gains hangs on the weights: `qref compress` says it of a real network.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.hashed import Hashed, real_weights
from qref.codebooks.lookup_tables import LookupLayer
from qref.codebooks.subvectors import Subvectors
from qref.compression.csr import Csr
from qref.compression.low_rank.rank import macs, of_speed
from qref.compression.relative_index import DENSE_BITS, RelativeIndex
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import TENSOR
from qref.tables.table import Cell, Table

HALF = Fraction(2)
LAYERS = {"fc6": (4096, 9216), "fc7": (4096, 4096), "fc8": (1000, 4096)}
"""Output and input channels of AlexNet's fully-connected layers."""

Shape = tuple[int, int]


class Method(NamedTuple):
    """bits: stored for a layer of [M, K]. operations: of one input."""

    name: str
    setting: str
    bits: Callable[[Shape], int]
    operations: Callable[[Shape], int]


class Published(NamedTuple):
    """What a paper prints of a whole network."""

    method: str
    network: str
    quantity: str
    value: float
    source: str


def spread(value: float, shape: tuple[int, ...], dtype: type = np.uint8) -> NDArray[Any]:
    """An array that takes no memory."""
    return np.broadcast_to(dtype(value), shape)


def scalar(shape: Shape) -> int:
    """One codebook of 16 values."""
    return Coded(spread(0, shape), np.zeros((1, 16), np.float32), TENSOR, width=4).bits


def rows(shape: Shape) -> int:
    """A codebook of 256 rows."""
    M, K = shape
    return Subvectors(shape, "rows", spread(0, (M, 1)), spread(0, (256, K), np.float32), K, width=8).bits


def pieces(length: int, bits: int) -> Callable[[Shape], int]:
    """Codebooks of 2^bits pieces of rows."""

    def stored(shape: Shape) -> int:
        M, K = shape
        codes, books = spread(0, (M, -(-K // length))), spread(0, (2**bits, K), np.float32)
        return Subvectors(shape, "rows", codes, books, length, width=bits).bits

    return stored


def looked_up(length: int, bits: int) -> Callable[[Shape], int]:
    """Those that make the tables, and a look-up a piece."""
    return lambda shape: LookupLayer(shape[1], shape[0], length, 2**bits).cost.by_tables


def hashed(shape: Shape) -> int:
    """One real weight for eight virtual ones."""
    return Hashed(shape, spread(0, (real_weights(shape, Fraction(1, 8)),), np.float32)).bits


def relative(shape: Shape) -> int:
    """One weight in ten, float32, gaps of 5 bits."""
    left = shape[0] * shape[1] // 10
    return RelativeIndex(shape, spread(9, (left,)), DENSE_BITS, spread(1, (left,), np.float32)).bits


def relative_codes(shape: Shape) -> int:
    """The same, weights of 5 bits in a codebook."""
    left = shape[0] * shape[1] // 10
    coded = Coded(spread(0, (1, left)), np.zeros((1, 32), np.float32), TENSOR, width=5)
    return RelativeIndex(shape, spread(9, (left,)), DENSE_BITS, coded).bits


def csr(shape: Shape) -> int:
    """One weight in ten, by compressed sparse rows."""
    M, K = shape
    left = M * K // 10
    return Csr(shape, spread(0, (M + 1,), np.int64), spread(0, (left,), np.int64), spread(1, (left,), np.float32)).bits


def half_by_rank(shape: Shape) -> int:
    """Float32 weights of the two layers that SVD makes, half as many operations."""
    return 32 * macs("svd", shape, of_speed("svd", shape, HALF))


def all_of_them(shape: Shape) -> int:
    return shape[0] * shape[1]


def one_in_ten(shape: Shape) -> int:
    return shape[0] * shape[1] // 10


METHODS = (
    Method("float32", "dense", lambda shape: 32 * shape[0] * shape[1], all_of_them),
    Method("scalar codebook", "16 values", scalar, all_of_them),
    Method("vector codebook", "256 rows", rows, lambda shape: 256 * shape[1]),
    Method("product codebook", "pieces of 4, 256 values", pieces(4, 8), looked_up(4, 8)),
    Method("Quantized-CNN", "pieces of 4, 32 values", pieces(4, 5), looked_up(4, 5)),
    Method("HashedNets", "1/8", hashed, all_of_them),
    Method("pruning", "90 %, CSR", csr, one_in_ten),
    Method("pruning", "90 %, relative index", relative, one_in_ten),
    Method("pruning and codebook", "90 %, 32 values", relative_codes, one_in_ten),
    Method("SVD", "half the operations", half_by_rank, lambda shape: macs("svd", shape, of_speed("svd", shape, HALF))),
)
PUBLISHED = (
    Published("pruning", "AlexNet", "× fewer weights", 9, "Han 2015, abstract"),
    Published("pruning", "VGG-16", "× fewer weights", 13, "Han 2015, abstract"),
    Published("Deep Compression", "AlexNet", "× smaller", 35, "Han 2016, abstract"),
    Published("Deep Compression", "VGG-16", "× smaller", 49, "Han 2016, abstract"),
    Published("product codebook", "AlexNet's shape, Gong's", "× smaller", 24, "Gong 2014, abstract: 16 to 24"),
    Published("Quantized-CNN", "several", "× smaller", 20, "Wu 2016, abstract: 15 to 20"),
    Published("Quantized-CNN", "several", "× faster", 6, "Wu 2016, abstract: 4 to 6"),
)
COLUMNS = ("method", "setting", "on", "bits a weight", "× smaller", "operations %", "as printed")
SOURCE = (
    "seed, Low-Rank to Summary of Code-based Quantization; ours: qref's encoded types and costs on the shapes of "
    "qref.tables.compression_methods.LAYERS; as printed: the papers' abstracts, of whole networks"
)


def compression_methods() -> Table:
    """A row a method and layer, then the papers' own figures."""
    return Table(
        "compression-methods",
        COLUMNS,
        (*ours(), *published()),
        SOURCE,
        {"bits a weight": 3, "× smaller": 1, "operations %": 1, "as printed": 0},
    )


def ours() -> Iterator[tuple[Cell, ...]]:
    """By shapes alone."""
    for method in METHODS:
        for layer, shape in LAYERS.items():
            weights = shape[0] * shape[1]
            bits = method.bits(shape)
            share = 100 * method.operations(shape) / weights
            yield (method.name, method.setting, layer, bits / weights, 32 * weights / bits, share, None)


def published() -> Iterator[tuple[Cell, ...]]:
    """What papers print."""
    for one in PUBLISHED:
        yield (one.method, f"{one.quantity} ({one.source})", one.network, None, None, None, one.value)
