"""Bounds of float results: how far from the golden value every order of evaluation may lie.

A sum of n products of numbers of one type, taken in any order, with or without FMA, in arithmetic of unit roundoff u,
differs from the exact sum by at most n·u·M, M the sum of the magnitudes (Higham, "Accuracy and Stability of Numerical
Algorithms", 2002, section 3.1); its conversion to the output's type adds one rounding, and each product that falls into
the subnormal range at most one smallest subnormal.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode, float_format
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor

Array = NDArray[np.float64]

FLUSHED = "subnormal numbers flushed to zero"
NARROW = "accumulated in the output's type"
TRANSFORMED = "a transformed algorithm (Winograd, FFT), within its norm-wise bound"

# float32's precision with float64's range: magnitudes that may pass float32's largest number
MAGNITUDE = Float("magnitude", 11, 23, 1023, "ieee", np.float64)
# the narrowest arithmetic in which an engine is expected to sum, whatever the tensors' type
ARITHMETIC = "float32"


@dataclass(frozen=True, eq=False)
class Bound:
    """The tolerance of one output, 0 where only the correctly rounded result is right.

    `wider` holds the tolerances inside which a result is acceptable, each with its reason. `overflow` marks elements
    whose magnitude reaches half of the largest finite number: a sum may pass it on its way.
    """

    tolerance: Array
    wider: tuple[tuple[str, Array], ...] = ()
    overflow: NDArray[np.bool_] | None = None


def magnitude(a: Array, b: Array, addend: Array | None = None) -> Array:
    """M = |a|·|b| + |addend|, exact and rounded once to 24 bits; shapes as in `qref.numerics.exact_sums.dot`."""
    return dot(np.abs(a), np.abs(b), MAGNITUDE, None if addend is None else np.abs(addend))


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
    out, arithmetic = float_format(y.dtype), float_format(ARITHMETIC)
    golden = decode(y)
    overflow = np.isfinite(M) & (out.highest / 2 <= M)
    finite = np.isfinite(golden) & np.isfinite(M)
    M, value = np.where(finite, M, 0.0), np.where(finite, np.abs(golden), 0.0)
    n = np.asarray(terms, np.float64)
    rounding = 2 * roundoff(out) * value

    def only_finite(tolerance: Array) -> Array:
        return np.where(finite, tolerance, 0.0)

    tolerance = n * roundoff(arithmetic) * M + rounding + n * tiny(out)
    near_zero = np.where(value - tolerance < normal_min(out), normal_min(out), 0.0)
    wider = [(FLUSHED, only_finite(tolerance + (n + 1) * normal_min(arithmetic) + near_zero + flushed))]
    if roundoff(out) > roundoff(arithmetic):
        narrow = n * roundoff(out) * M + rounding + n * tiny(out)
        wider.append((NARROW, only_finite(np.where(n * roundoff(out) < 0.25, narrow, tolerance))))
    if transformed is not None:
        wider.append((TRANSFORMED, only_finite(np.maximum(tolerance, transformed))))
    return Bound(only_finite(tolerance), tuple(wider), overflow)


def subnormal_products(a: Array, b: Array, format: Float) -> Array:
    """The part of M = |a|·|b| in products with a subnormal operand: what flushing operands may take away."""
    small_a, small_b = np.abs(a) < normal_min(format), np.abs(b) < normal_min(format)
    with_a = dot(np.where(small_a, np.abs(a), 0.0), np.abs(b), MAGNITUDE)
    with_b = dot(np.where(small_a, 0.0, np.abs(a)), np.where(small_b, np.abs(b), 0.0), MAGNITUDE)
    return with_a + with_b


def correctly_rounded(y: Tensor, flushed: Array | float = 0.0) -> Bound:
    """The bound of a single IEEE 754 operation: none but the correctly rounded result; subnormals may be flushed.

    flushed: what flushing subnormal operands to zero may add to or take from the result; where that is ∞, ±∞ and NaN
    may stand for the result, as where a sum overflows.
    """
    golden = decode(y)
    flushed = np.broadcast_to(flushed, golden.shape)
    subnormal = np.abs(golden) < normal_min(float_format(y.dtype))
    allowed = np.where(subnormal, np.abs(golden), 0.0) + np.where(np.isfinite(flushed), flushed, 0.0)
    wider = ((FLUSHED, np.where(np.isfinite(golden), allowed, 0.0)),)
    return Bound(np.zeros(y.shape), wider, np.isinf(flushed))


def exactly(y: Tensor) -> Bound:
    """The bound of an output that has no other right answer (indices, integers, copies)."""
    return Bound(np.zeros(y.shape))


def roundoff(format: Float) -> float:
    """u, half the distance from 1 to the next number."""
    return float(2.0**-format.precision)


def tiny(format: Float) -> float:
    """The smallest subnormal number."""
    return float(2.0 ** (format.lowest_exponent - format.mantissa_bits))


def normal_min(format: Float) -> float:
    """The smallest normal number."""
    return float(2.0**format.lowest_exponent)
