"""Bounds of float results: how far from the golden value every order of evaluation may lie.

A sum of n products of numbers of one type, taken in any order, with or without FMA, in arithmetic of unit roundoff u,
differs from the exact sum by at most n·u·M, M the sum of the magnitudes (Higham, "Accuracy and Stability of Numerical
Algorithms", 2002, section 3.1); its conversion to the output's type adds one rounding, and each product that falls into
the subnormal range at most one smallest subnormal.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode, float_format
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.quantizers.granularity import Granularity

Array = NDArray[np.float64]
# exact sums of products of two arrays, rounded once to a format, as qref.numerics.exact_sums.dot gives them
Sums = Callable[[Array, Array, Float, Array | None], Array]

FLUSHED = "subnormal numbers flushed to zero"
NARROW = "accumulated in the output's type"
TRANSFORMED = "a transformed algorithm (Winograd, FFT), within its norm-wise bound"

# float32's precision with float64's range: magnitudes that may pass float32's largest number
MAGNITUDE = Float("magnitude", 11, 23, 1023, "ieee", np.float64)
# the narrowest arithmetic in which an engine is expected to sum, whatever the tensors' type
ARITHMETIC = float_format("float32")


@dataclass(frozen=True, eq=False)
class Bound:
    """The tolerance of one output, 0 where only the correctly rounded result is right.

    `wider` holds the tolerances inside which a result is acceptable, each with its reason. `overflow` marks elements
    whose magnitude reaches half of the largest finite number: a sum may pass it on its way.
    """

    tolerance: Array
    wider: tuple[tuple[str, Array], ...] = ()
    overflow: NDArray[np.bool_] | None = None


def magnitude(a: Array, b: Array, addend: Array | None = None, sums: Sums = dot) -> Array:
    """M = |a|·|b| + |addend|, exact and rounded once to 24 bits.

    sums: what makes sums of products of a and b, a matrix product or a convolution; shapes as it takes them.
    """
    return sums(np.abs(a), np.abs(b), MAGNITUDE, None if addend is None else np.abs(addend))


def of_dot(
    y: Tensor,
    terms: int | NDArray[np.int64],
    M: Array,
    *,
    flushed: Array | float = 0.0,
    transformed: Array | None = None,
) -> Bound:
    """The bound of a dot product: n·u·M + 2·u_out·|y*| + n·tiny.

    Args:
        y: the golden output, a float tensor.
        terms: n: products, bias, extra scalings and one more.
        M: Σ|x||w| + |b|, of y's shape.
        flushed: what flushing subnormal operands to zero may add, beyond results and products that are subnormal.
        transformed: a norm-wise bound of transformed algorithms, where one applies.

    Elements that are ±∞ or NaN have tolerance 0: they are right as they are.
    """
    out = float_format(y.dtype)
    golden = decode(y)
    overflow = np.isfinite(M) & (out.highest / 2 <= M)
    finite = np.isfinite(golden) & np.isfinite(M)
    M, value = np.where(finite, M, 0.0), np.where(finite, np.abs(golden), 0.0)
    n = np.asarray(terms, np.float64)
    rounding = 2 * out.unit_roundoff * value

    def only_finite(tolerance: Array) -> Array:
        return np.where(finite, tolerance, 0.0)

    tolerance = n * ARITHMETIC.unit_roundoff * M + rounding + n * out.smallest_subnormal
    near_zero = np.where(value - tolerance < out.smallest_normal, out.smallest_normal, 0.0)
    wider = [(FLUSHED, only_finite(tolerance + (n + 1) * ARITHMETIC.smallest_normal + near_zero + flushed))]
    if out.unit_roundoff > ARITHMETIC.unit_roundoff:
        narrow = n * out.unit_roundoff * M + rounding + n * out.smallest_subnormal
        wider.append((NARROW, only_finite(np.where(n * out.unit_roundoff < 0.25, narrow, tolerance))))
    if transformed is not None:
        wider.append((TRANSFORMED, only_finite(np.maximum(tolerance, transformed))))
    return Bound(only_finite(tolerance), tuple(wider), overflow)


def none(y: Tensor) -> Bound:
    """No tolerance at all: codes, beside scales that have one."""
    return Bound(np.zeros(y.shape))


def of_mean(y: Tensor, counts: int | NDArray[np.int64], more: int = 2) -> Bound:
    """The bound of means of `counts` magnitudes: `more` terms for the division and what follows.

    The sum that is divided may pass the largest number where the mean does not.
    """
    mean = np.abs(decode(y))
    overflow = np.asarray(mean * np.maximum(counts, 1) >= float_format(y.dtype).highest / 2)
    return replace(of_dot(y, np.asarray(counts) + more, mean), overflow=overflow)


def widened(found: Bound, by: Array | float) -> Bound:
    """The bound with something added to each of its tolerances."""
    wider = tuple((reason, tolerance + by) for reason, tolerance in found.wider)
    return replace(found, tolerance=found.tolerance + by, wider=wider)


def may_overflow(found: Bound, sums: Array | float) -> Bound:
    """The bound where sums of such magnitudes stand on the way, beside those that make its own."""
    own = np.zeros(found.tolerance.shape, np.bool_) if found.overflow is None else found.overflow
    return replace(found, overflow=own | np.broadcast_to(ARITHMETIC.highest / 2 <= np.asarray(sums), own.shape))


def counts_of_parts(W: Tensor, granularity: Granularity) -> NDArray[np.int64]:
    """The weights of each part of W."""
    return np.array([part.size for part in granularity.parts(W.data)], np.int64)


def terms_of_parts(W: Tensor, granularity: Granularity) -> NDArray[np.int64]:
    """n of a mean over each part of W: its weights, the division, and one more."""
    return np.array([part.size + 2 for part in granularity.parts(W.data)], np.int64)


def subnormal_products(a: Array, b: Array, format: Float, sums: Sums = dot) -> Array | float:
    """The part of M = |a|·|b| in products with a subnormal operand: what flushing operands may take away."""
    small_a, small_b = np.abs(a) < format.smallest_normal, np.abs(b) < format.smallest_normal
    if not (a[small_a].any() or b[small_b].any()):
        return 0.0
    with_a = magnitude(np.where(small_a, a, 0.0), b, sums=sums)
    return with_a + magnitude(np.where(small_a, 0.0, a), np.where(small_b, b, 0.0), sums=sums)


def correctly_rounded(y: Tensor, flushed: Array | float = 0.0) -> Bound:
    """The bound of a single IEEE 754 operation: none but the correctly rounded result; subnormals may be flushed.

    flushed: what flushing subnormal operands to zero may add to or take from the result; where that is ∞, ±∞ and NaN
    may stand for the result, as where a sum overflows.
    """
    golden = decode(y)
    flushed = np.broadcast_to(flushed, golden.shape)
    subnormal = np.abs(golden) < float_format(y.dtype).smallest_normal
    allowed = np.where(subnormal, np.abs(golden), 0.0) + np.where(np.isfinite(flushed), flushed, 0.0)
    wider = ((FLUSHED, np.where(np.isfinite(golden), allowed, 0.0)),)
    return Bound(np.zeros(y.shape), wider, np.isinf(flushed))
