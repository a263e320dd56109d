"""Sums and dot products of floats: the exact real value, rounded once.

A float is an integer times a power of two. Cut into limbs of 20 bits at fixed places, x = Σᵢ xᵢ·2^(20·i) with
|xᵢ| < 2²⁰, a sum of products becomes

    Σₖ aₖ·bₖ = Σᵢ Σⱼ 2^(20·(i+j)) · Σₖ aₖᵢ·bₖⱼ

whose inner sums are integers below 2⁵³ for up to 2¹³ terms: a float64 matrix product computes them without any
rounding, in whatever order and with or without FMA. What is left is to add the inner sums at their places and to round.
(The idea is Ozaki's: Ozaki, Ogita, Oishi, Rump, "Error-free transformations of matrix multiplication", 2012.)

Operands are float64 arrays of numbers of at most 53 bits whose magnitude is 0 or in [2⁻⁶⁰⁰, 2⁶⁰⁰]: numbers of float32,
float16, bfloat16, and exact products of two of them. Infinities and NaN follow IEEE 754: 0·∞, ∞ − ∞ and NaN give NaN. A
sum that is exactly zero is +0, and −0 only where all its terms are.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import nearest, round_to
from qref.numerics.formats import Float

BITS = 20  # of a limb
LONGEST = 1 << (53 - 2 * BITS)  # terms whose limbs' products add up below 2^53
# limbs above the highest take what is carried out of a sum below 2^63, those below the lowest complete its leading bits
ABOVE, BELOW = 3, 2

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Exact:
    """An array of exact sums, Σᵢ limbs[i]·2^(20·(lowest + i)), limbs int64 of any sign.

    `special` is ±∞, NaN or −0 where the sum is one of these, and +0 elsewhere.
    """

    limbs: NDArray[np.int64]
    lowest: int
    special: Array

    def rounded(self, format: Float) -> Array:
        """Each sum rounded once to `format` (of at most 24 bits), half to even; beyond its largest number ±∞."""
        negative = carried(self.limbs)[-1] < 0
        limbs = carried(np.where(negative, -self.limbs, self.limbs))
        top = np.maximum(len(limbs) - 1 - np.argmax(limbs[::-1] != 0, axis=0), BELOW)
        leading = sum(np.take_along_axis(limbs, top[None] - i, 0)[0] << (BITS * (2 - i)) for i in range(3))
        below = np.arange(len(limbs)).reshape(-1, *[1] * negative.ndim) < top - 2
        sticky = ((limbs != 0) & below).any(axis=0)
        # 33 to 52 bits, odd wherever something was cut off: rounding them again is as good as rounding the sum
        head = (leading >> 8) | ((leading & 0xFF) != 0) | sticky
        magnitude = np.ldexp(head.astype(np.float64), BITS * (top - 2 + self.lowest) + 8)
        finite = round_to(np.where(negative, -magnitude, magnitude), format)
        return self._with_specials(finite)

    def divided(self, counts: NDArray[Any], format: Float) -> Array:
        """Each sum divided by a positive integer and rounded once to `format`."""
        counts = np.broadcast_to(counts, self.special.shape)
        finite = np.empty(self.special.shape, np.float64)
        for i in np.ndindex(*finite.shape):
            n = sum(int(limb) << (BITS * k) for k, limb in enumerate(self.limbs[(slice(None), *i)]))
            finite[i] = nearest(n * Fraction(2) ** (BITS * self.lowest) / int(counts[i]), format)
        return self._with_specials(finite)

    def _with_specials(self, finite: Array) -> Array:
        return np.where((self.special != 0) | np.signbit(self.special), self.special, finite)


def dot(a: Array, b: Array, format: Float, addend: Array | None = None) -> Array:
    """a·b + addend, each element exact and rounded once to `format`.

    Args:
        a: [..., R, K]. b: [..., K, S]. addend: of a shape that broadcasts to the result's.

    Returns:
        [..., R, S], leading dimensions broadcast as numpy.matmul does.
    """
    return products(a, b, addend).rounded(format)


def exact_sum(terms: Array, format: Float) -> Array:
    """The sum of `terms` [K, ...] along its first axis, rounded once to `format`."""
    return _total(terms).rounded(format)


def mean(terms: Array, counts: NDArray[Any], format: Float) -> Array:
    """The sum of `terms` [K, ...] along its first axis, divided by positive integers, rounded once to `format`."""
    return _total(terms).divided(counts, format)


def _total(terms: Array) -> Exact:
    K, *rest = terms.shape
    total = products(np.ones((1, K)), terms.reshape(K, int(np.prod(rest))))
    return Exact(total.limbs.reshape(len(total.limbs), *rest), total.lowest, total.special.reshape(rest))


def products(a: Array, b: Array, addend: Array | None = None) -> Exact:
    """The exact sums a·b + addend; shapes as in `dot`."""
    added = np.zeros(()) if addend is None else np.asarray(addend)
    shape = np.broadcast_shapes(
        np.matmul(np.empty((*a.shape[:-1], 0)), np.empty((*b.shape[:-2], 0, b.shape[-1]))).shape, added.shape
    )
    left, right, alone = limbs_of(a), limbs_of(b), limbs_of(added)
    places = [i + j for i in left for j in right] + list(alone)
    lowest = min(places, default=0) - BELOW
    limbs = np.zeros((max(places, default=0) - lowest + 1 + ABOVE, *shape), np.int64)
    for i, limb in alone.items():
        limbs[i - lowest] += limb.astype(np.int64)
    for begin in range(0, a.shape[-1], LONGEST):
        k = slice(begin, begin + LONGEST)
        for i, a_i in left.items():
            for j, b_j in right.items():
                limbs[i + j - lowest] += np.matmul(a_i[..., k], b_j[..., k, :]).astype(np.int64)
        limbs = carried(limbs)
    return Exact(limbs, lowest, _special(a, b, added, addend is not None, limbs))


def limbs_of(x: Array) -> dict[int, Array]:
    """The limbs of an array by their place, those of zeros alone left out; ∞ and NaN count as zero."""
    rest = np.where(np.isfinite(x), x, 0.0)
    found: dict[int, Array] = {}
    while rest.any():
        _, e = np.frexp(np.abs(rest).max())
        i = (int(e) - 1) // BITS
        found[i] = np.trunc(np.ldexp(rest, -BITS * i))
        rest = rest - np.ldexp(found[i], BITS * i)
    return found


def carried(limbs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same numbers with every limb but the highest in [0, 2²⁰); the highest has the number's sign."""
    limbs = limbs.copy()
    for i in range(len(limbs) - 1):
        carry = limbs[i] >> BITS
        limbs[i] -= carry << BITS
        limbs[i + 1] += carry
    return limbs


def _special(a: Array, b: Array, added: Array, with_addend: bool, limbs: NDArray[np.int64]) -> Array:
    """±∞, NaN or −0 where a·b + addend is one of these, +0 elsewhere."""
    shape = limbs.shape[1:]
    special = np.zeros(shape)
    # a sum of negative products that is zero is a sum of negative zeros
    signs = np.matmul(np.copysign(1.0, a), np.copysign(1.0, b))
    terms = a.shape[-1] + with_addend
    negative = signs + (np.copysign(1.0, added) if with_addend else 0.0) == -terms
    if terms:
        special = np.where(negative & ~limbs.any(axis=0), -0.0, special)
    if np.isfinite(a).all() and np.isfinite(b).all() and np.isfinite(added).all():
        return special
    plus = (
        _count(a == np.inf, b > 0)
        + _count(a == -np.inf, b < 0)
        + _count(a > 0, b == np.inf)
        + _count(a < 0, b == -np.inf)
    )
    minus = (
        _count(a == np.inf, b < 0)
        + _count(a == -np.inf, b > 0)
        + _count(a > 0, b == -np.inf)
        + _count(a < 0, b == np.inf)
    )
    not_numbers = (
        _count(np.isnan(a), np.ones_like(b, np.bool_))
        + _count(np.ones_like(a, np.bool_), np.isnan(b))
        + _count(np.isinf(a), b == 0)
        + _count(a == 0, np.isinf(b))
    )
    positive, negative = (plus > 0) | (added == np.inf), (minus > 0) | (added == -np.inf)
    special = np.where(positive, np.inf, np.where(negative, -np.inf, special))
    return np.where((not_numbers > 0) | np.isnan(added) | (positive & negative), np.nan, special)


def _count(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> Array:
    """How many of the terms have both properties."""
    counted: Array = np.matmul(a.astype(np.float64), b.astype(np.float64))
    return counted
