"""ScalarCodebook, ScalarCodebookLloyd, SharedWeightGradient, SharedWeightStep: weights that share values.

qref's own operators (domain "qref", opset 1).
"""

from fractions import Fraction
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.optimal_scalar import ScalarCodebook, known_width
from qref.codebooks.scalar import ITERATIONS, ScalarCodebookLloyd, shared_gradient, shared_step, start
from qref.numerics.floats import decode, float_format, nearest
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype, require, same_shape
from qref.ops.operator import Attribute, Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref import scalar_margins
from qref.ops.qref.encoded import tensors
from qref.quantizers.descent import RATE
from qref.quantizers.granularity import Granularity
from qref.quantizers.weights import finite, known

FLOAT32 = float_format("float32")
USUAL = 4
MOST = 256  # values that a code of 8 bits tells apart

Array = NDArray[np.float64]


def scalar_codebook(
    W: Tensor, *, bits: int = USUAL, granularity: str = "tensor", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """Codes and codebooks of the least Σ (w − C_b)²: uint8 of W's shape, float32 [parts, 2^bits], rising.

    Args:
        W: finite float32, output channels first. bits: 1 to 8.

    Raises:
        InvalidInput: another type, NaN or infinity, bits or a granularity that there are not.
    """
    dtype("W", W, ("float32",))
    return tensors(ScalarCodebook(bits, grain.of(granularity, group_size)).encode(W.data))


def scalar_codebook_bound(
    W: Tensor, *, bits: int = USUAL, granularity: str = "tensor", group_size: int = 0, opset: int = 1
) -> list[Bound]:
    """None for the codes; for a value that of the mean of its weights; where it repeats the largest, that one's."""
    codes, books = scalar_codebook(W, bits=bits, granularity=granularity, group_size=group_size)
    counts, sums = _by_code(W, codes, grain.of(granularity, group_size), books.shape[1])
    for n, M in zip(counts, sums):
        used = max(int(n.astype(bool).sum()), 1)  # these codes come first
        n[used:], M[used:] = n[used - 1], M[used - 1]
    return [bound.none(codes), _of_means(books, counts, sums)]


def _by_code(x: Tensor, codes: Tensor, granularity: Granularity, V: int) -> tuple[NDArray[np.int64], Array]:
    """How many weights have each code, and the sum of their magnitudes, [parts, V]."""
    shape = (granularity.count(x.shape), V)
    counts, sums = np.zeros(shape, np.int64), np.zeros(shape)
    parts = zip(granularity.parts(decode(x)), granularity.parts(codes.data))
    for p, (w, b) in enumerate(parts):
        for k in np.unique(b).tolist():
            counts[p, k], sums[p, k] = (b == k).sum(), fsum(np.abs(w[b == k]).tolist())
    return counts, sums


def _of_means(books: Tensor, counts: NDArray[np.int64], sums: Array) -> Bound:
    """The bound of means of numbers of both signs: their sum, the division, and one more."""
    return bound.may_overflow(bound.of_dot(books, counts + 2, sums / np.maximum(counts, 1)), sums)


def scalar_codebook_margin(
    W: Tensor, *, bits: int = USUAL, granularity: str = "tensor", group_size: int = 0, opset: int = 1
) -> float:
    """How far the next best partition's error lies above the least one, in units of the part's Σ w²."""
    known_width(bits)
    return min(scalar_margins.of_optimum(w, 1 << bits) for w in _parts(W, granularity, group_size))


def _parts(W: Tensor, granularity: str, group_size: int) -> list[NDArray[Any]]:
    """The parts of W, one without weights where there are none."""
    dtype("W", W, ("float32",))
    return list(grain.of(granularity, group_size).parts(finite("W", W.data))) or [np.zeros(0, np.float32)]


def scalar_codebook_lloyd(
    W: Tensor,
    *,
    bits: int = USUAL,
    start: str = "linear",
    iterations: int = ITERATIONS,
    seed: int = 0,
    tensor: int = 0,
    granularity: str = "tensor",
    group_size: int = 0,
    opset: int = 1,
) -> tuple[Tensor, Tensor]:
    """Codes and codebooks by Lloyd's algorithm: uint8 of W's shape, float32 [parts, 2^bits], rising.

    Args:
        W: finite float32, output channels first. bits: 1 to 8. start: "linear", "density" or "random". iterations: at
        most so many, from 1 on. seed, tensor: the stream of the random start, 2^bits words a part.

    Raises:
        InvalidInput: another type, NaN or infinity, attributes beyond these.
    """
    dtype("W", W, ("float32",))
    scheme = ScalarCodebookLloyd(bits, grain.of(granularity, group_size), start, iterations)
    return tensors(scheme.encode(W.data, stream=Stream(seed, tensor)))


def scalar_codebook_lloyd_bound(
    W: Tensor, *, bits: int = USUAL, granularity: str = "tensor", group_size: int = 0, opset: int = 1, **given: Any
) -> list[Bound]:
    """None for the codes; for a value that of the mean of its weights, without weights that of the start.

    min w + j (max w − min w) / (V − 1) has four operations, and magnitudes that add up to 3 max |w| at most; what
    repeats the largest value may carry the error of any mean of the part.
    """
    attributes: dict[str, Any] = {"bits": bits, "granularity": granularity, "group_size": group_size}
    codes, books = scalar_codebook_lloyd(W, **attributes, **given)
    counts, sums = _by_code(W, codes, grain.of(granularity, group_size), books.shape[1])
    for n, M, w in zip(counts, sums, _parts(W, granularity, group_size)):
        empty, most = n == 0, max(int(n.max()), 2)
        n[empty], M[empty] = most, 3 * most * float(np.abs(w).max(initial=0))
    return [bound.none(codes), _of_means(books, counts, sums)]


def scalar_codebook_lloyd_margin(
    W: Tensor,
    *,
    bits: int = USUAL,
    start: str = "linear",
    iterations: int = ITERATIONS,
    seed: int = 0,
    tensor: int = 0,
    granularity: str = "tensor",
    group_size: int = 0,
    opset: int = 1,
) -> float:
    """The smallest distance of a weight to the middle between two centroids, in units of max |w|, over all steps."""
    parts = _parts(W, granularity, group_size)
    scheme = ScalarCodebookLloyd(bits, grain.of(granularity, group_size), start, iterations)
    words = scheme.words(W.shape, Stream(seed, tensor))
    return min((_lloyd_margin(w, scheme, word) for w, word in zip(parts, words)), default=float("inf"))


def _lloyd_margin(w: NDArray[np.float32], scheme: ScalarCodebookLloyd, words: NDArray[np.uint32]) -> float:
    C = start(w, 1 << scheme.bits, scheme.start, words)
    return scalar_margins.of_lloyd(w, C, scheme.iterations)


def shared_weight_gradient(
    g: Tensor,
    codes: Tensor,
    *,
    values: int = 1 << USUAL,
    granularity: str = "tensor",
    group_size: int = 0,
    opset: int = 1,
) -> Tensor:
    """∂L/∂C_k = Σ ∂L/∂w over the weights of code k, each sum rounded once: float32 [parts, values].

    Args:
        g: ∂L/∂W, finite float32, output channels first. codes: uint8 of g's shape. values: V, 1 to 256.

    Raises:
        InvalidInput: types or shapes that do not fit, NaN or infinity, a code from V on.
    """
    return Tensor("float32", _rounded(_gradient(g, codes, values, grain.of(granularity, group_size)), values))


def _gradient(g: Tensor, codes: Tensor, values: int, granularity: Granularity) -> list[list[Fraction]]:
    dtype("g", g, ("float32",))
    dtype("codes", codes, ("uint8",))
    same_shape("codes", codes, "g", g)
    require(1 <= values <= MOST, f"a codebook of {values} values: give 1 to {MOST}")
    known(codes.data, values, f"in a codebook of {values} values")
    return shared_gradient(finite("g", g.data), codes.data, granularity, values)


def _rounded(sums: list[list[Fraction]], values: int) -> NDArray[np.float32]:
    found = [[nearest(one, FLOAT32) for one in row] for row in sums]
    return np.array(found, np.float32).reshape(len(sums), values)


def shared_weight_gradient_bound(
    g: Tensor,
    codes: Tensor,
    *,
    values: int = 1 << USUAL,
    granularity: str = "tensor",
    group_size: int = 0,
    opset: int = 1,
) -> list[Bound]:
    """That of a sum of as many terms as weights have the code."""
    y = shared_weight_gradient(g, codes, values=values, granularity=granularity, group_size=group_size)
    counts, sums = _by_code(g, codes, grain.of(granularity, group_size), values)
    return [bound.of_dot(y, counts + 1, sums)]


def shared_weight_step(
    C: Tensor,
    codes: Tensor,
    g: Tensor,
    *,
    learning_rate: float = RATE,
    granularity: str = "tensor",
    group_size: int = 0,
    opset: int = 1,
) -> Tensor:
    """C'_k = C_k − η Σ ∂L/∂w over the weights of code k, each exact number rounded once: float32 [parts, V].

    Args:
        C: codebooks, finite float32 [parts, V]. codes: uint8. g: ∂L/∂W, finite float32 of the shape of the codes.
        learning_rate: η.

    Raises:
        InvalidInput: types or shapes that do not fit, NaN or infinity, a code from V on.
    """
    gradient = _step_gradient(C, codes, g, grain.of(granularity, group_size))
    return Tensor("float32", shared_step(finite("C", C.data), gradient, learning_rate))


def _step_gradient(C: Tensor, codes: Tensor, g: Tensor, granularity: Granularity) -> list[list[Fraction]]:
    dtype("C", C, ("float32",))
    parts = granularity.count(codes.shape)
    require(len(C.shape) == 2 and C.shape[0] == parts, f"C has shape {list(C.shape)}: give one a part, [{parts}, V]")
    return _gradient(g, codes, C.shape[1], granularity)


def shared_weight_step_bound(
    C: Tensor,
    codes: Tensor,
    g: Tensor,
    *,
    learning_rate: float = RATE,
    granularity: str = "tensor",
    group_size: int = 0,
    opset: int = 1,
) -> list[Bound]:
    """That of the sum of a value and the scaled gradients; what a subnormal gradient loses grows with the rate."""
    given: dict[str, Any] = {"learning_rate": learning_rate, "granularity": granularity, "group_size": group_size}
    moved = shared_weight_step(C, codes, g, **given)
    counts, sums = _by_code(g, codes, grain.of(granularity, group_size), C.shape[1])
    M = np.abs(decode(C)) + abs(learning_rate) * sums
    found = bound.of_dot(moved, counts + 3, M)
    lost = np.asarray(abs(learning_rate) * (counts + 3) * FLOAT32.smallest_subnormal, np.float64)
    return [bound.may_overflow(bound.widened(found, lost), sums)]


PARTS = grain.attributes("tensor")
LLOYD = {
    "start": Attribute("string", "linear"),
    "iterations": Attribute("int", ITERATIONS),
    "seed": Attribute("int", 0),
    "tensor": Attribute("int", 0),
}

OPERATORS = (
    Operator(
        "ScalarCodebook",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes={"bits": Attribute("int", USUAL), **PARTS},
        function=scalar_codebook,
        bound=scalar_codebook_bound,
        margin=scalar_codebook_margin,
    ),
    Operator(
        "ScalarCodebookLloyd",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes={"bits": Attribute("int", USUAL), **LLOYD, **PARTS},
        function=scalar_codebook_lloyd,
        bound=scalar_codebook_lloyd_bound,
        margin=scalar_codebook_lloyd_margin,
    ),
    Operator(
        "SharedWeightGradient",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=1,
        attributes={"values": Attribute("int", 1 << USUAL), **PARTS},
        function=shared_weight_gradient,
        bound=shared_weight_gradient_bound,
    ),
    Operator(
        "SharedWeightStep",
        "qref",
        opsets=(1,),
        inputs=(3, 3),
        outputs=1,
        attributes={"learning_rate": Attribute("float", RATE), **PARTS},
        function=shared_weight_step,
        bound=shared_weight_step_bound,
    ),
)
