"""UniformWeights, LogarithmicWeights, LloydMaxWeights: weights on a grid that the part's own numbers stretch.

qref's own operators (domain "qref", opset 1).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype
from qref.ops.operator import Attribute, Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.encoded import tensors
from qref.quantizers.lloyd_max_weights import LloydMaxWeights
from qref.quantizers.logarithmic_weights import LogarithmicWeights
from qref.quantizers.uniform_weights import UniformWeights


def uniform_weights(
    W: Tensor, *, bits: int = 8, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """Codes and steps of the signed grid with the best step for a normal: int8 of W's shape, float32 [parts].

    Args:
        W: finite float32, output channels first. bits: 2 to 8.

    Raises:
        InvalidInput: another type, NaN or infinity, bits or a granularity that there are not.
    """
    dtype("W", W, ("float32",))
    encoded = UniformWeights(bits, grain.of(granularity, group_size)).encode(W.data)
    return tensors(encoded)


def logarithmic_weights(
    W: Tensor, *, bits: int = 4, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """Codes and codebooks of signed powers of two: uint8 of W's shape, float32 [parts, 2^bits], exact.

    Args:
        W: finite float32, output channels first. bits: 2 to 8.

    Raises:
        InvalidInput: another type, NaN or infinity, bits or a granularity that there are not.
    """
    dtype("W", W, ("float32",))
    encoded = LogarithmicWeights(bits, grain.of(granularity, group_size)).encode(W.data)
    return tensors(encoded)


def lloyd_max_weights(
    W: Tensor, *, bits: int = 4, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """Codes and codebooks of the best levels for a normal: uint8 of W's shape, float32 [parts, 2^bits].

    Args:
        W: finite float32, output channels first. bits: 1 to 8.

    Raises:
        InvalidInput: another type, NaN or infinity, bits or a granularity that there are not.
    """
    dtype("W", W, ("float32",))
    encoded = LloydMaxWeights(bits, grain.of(granularity, group_size)).encode(W.data)
    return tensors(encoded)


def uniform_weights_bound(
    W: Tensor, *, bits: int = 8, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> list[Bound]:
    """None for the codes; for a step that of its sum of squares, a division, a root and a product."""
    codes, steps = uniform_weights(W, bits=bits, granularity=granularity, group_size=group_size)
    terms = bound.terms_of_parts(W, grain.of(granularity, group_size)) + 3
    return [bound.none(codes), bound.of_dot(steps, terms, decode(steps))]


def lloyd_max_weights_bound(
    W: Tensor, *, bits: int = 4, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> list[Bound]:
    """None for the codes; for a level that of its sum of squares, a division, a root, its rounding and a product."""
    codes, books = lloyd_max_weights(W, bits=bits, granularity=granularity, group_size=group_size)
    terms = bound.terms_of_parts(W, grain.of(granularity, group_size))[:, np.newaxis] + 4
    return [bound.none(codes), bound.of_dot(books, np.broadcast_to(terms, books.shape), np.abs(decode(books)))]


def uniform_weights_margin(
    W: Tensor, *, bits: int = 8, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> float:
    """The smallest distance of |w| to a boundary (k + 1/2)Δ, relative to it."""
    parts = grain.of(granularity, group_size)
    steps = UniformWeights(bits, parts).encode(W.data).scales.astype(np.float64)
    boundaries = np.arange((1 << (bits - 1)) - 1) + 0.5
    return _nearest(np.abs(w)[:, np.newaxis] / step / boundaries for w, step in zip(parts.parts(W.data), steps) if step)


def lloyd_max_weights_margin(
    W: Tensor, *, bits: int = 4, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> float:
    """The smallest distance of w to a boundary between two levels, relative to it; that at 0 moves with nothing."""
    parts = grain.of(granularity, group_size)
    books = LloydMaxWeights(bits, parts).encode(W.data).codebooks.astype(np.float64)
    boundaries = (books[:, 1:] + books[:, :-1]) / 2
    return _nearest(w[:, np.newaxis] / t[t != 0] for w, t in zip(parts.parts(W.data), boundaries))


def _nearest(quotients: Iterable[NDArray[np.float64]]) -> float:
    """How near to 1 a quotient of weight and boundary comes."""
    return min((float(np.abs(q - 1).min(initial=np.inf)) for q in quotients), default=float("inf"))


OPERATORS = tuple(
    Operator(
        name,
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes={"bits": Attribute("int", usual), **grain.attributes("channel")},
        function=function,
        bound=bound_,
        margin=margin,
    )
    for name, usual, function, bound_, margin in (
        ("UniformWeights", 8, uniform_weights, uniform_weights_bound, uniform_weights_margin),
        ("LogarithmicWeights", 4, logarithmic_weights, None, None),
        ("LloydMaxWeights", 4, lloyd_max_weights, lloyd_max_weights_bound, lloyd_max_weights_margin),
    )
)
