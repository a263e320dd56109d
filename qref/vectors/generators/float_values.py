"""Float numbers for cases, and sums of products that are hard to get right."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.numerics.floats import encode, float_format
from qref.numerics.tensor import Tensor
from qref.vectors.generators.draw import Draw

DTYPES = ("float32", "float16", "bfloat16")

Array = NDArray[np.float64]


def floats(values: ArrayLike, dtype: str) -> Tensor:
    """A float tensor of the numbers nearest to `values`."""
    return encode(np.asarray(values, np.float64), dtype)


def narrow(x: Tensor | None) -> tuple[str, ...]:
    """The flag of a float type with fewer bits than float32's; none for other types."""
    return (x.dtype,) if x is not None and x.dtype in DTYPES[1:] else ()


def drawn(draw: Draw, dtype: str, shape: tuple[int, ...], lowest: int = -3, highest: int = 1) -> Tensor:
    """Numbers of either sign with all their bits in use and exponents from a range."""
    return floats(draw.signed_float32(lowest, highest, shape), dtype)


def whole(draw: Draw, dtype: str, shape: tuple[int, ...], most: int = 8) -> Tensor:
    """Integers from [−most, most]."""
    return floats(draw.integers(-most, most, shape), dtype)


@dataclass(frozen=True, eq=False)
class HardSum:
    """Σ a·b over numbers of `dtype` [K] that is hard to get right, and why."""

    slug: str
    dtype: str
    a: Array
    b: Array
    flags: tuple[str, ...]
    comment: str

    @property
    def requirements(self) -> tuple[str, ...]:
        """What the sum is after: overflow, subnormal numbers, or the sum itself."""
        if "overflow" in self.flags:
            return ("QREF-FS-001", "QREF-FS-006")
        return ("QREF-FS-001", "QREF-FS-002" if "subnormal" in self.flags else "QREF-FS-005")


def hard_sums() -> Iterator[HardSum]:
    """Sums of every kind in every type."""
    for dtype in DTYPES:
        yield from cancelling(dtype)
        yield from many_small(dtype)
        yield from long(dtype)
        yield from subnormal(dtype)
        yield from overflowing(dtype)
        yield from ties(dtype)
    yield from fused()


def cancelling(dtype: str) -> Iterator[HardSum]:
    """Pairs of products that cancel, in an order that keeps them apart, and one small product that remains."""
    draw = Draw(f"cancelling-{dtype}")
    for pairs, left in ((4, -6), (8, -8), (16, -10)):
        a, b = (floats(draw.signed_float32(0, 2, (pairs,)), "bfloat16") for _ in range(2))
        up, down = _value(a), _value(b)
        order = np.argsort(draw.words(2 * pairs + 1), kind="stable")
        terms = np.concatenate([up, -up, [2.0**left]])[order], np.concatenate([down, down, [1.0]])[order]
        comment = f"{pairs} pairs of products that cancel, in another order; 2^{left} remains"
        yield HardSum("cancellation", dtype, *terms, ("cancellation",), comment)


def _value(x: Tensor) -> Array:
    return (x.data.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


def many_small(dtype: str) -> Iterator[HardSum]:
    """A one, and so many halves of its last place that they add up to another."""
    p = float_format(dtype).precision
    count = min(2 ** (p + 1), 1024)
    for place in (0, count // 2, count):
        a = np.insert(np.full(count, 2.0 ** -(p + 1)), place, 1.0)
        comment = f"1 in place {place} and {count} times 2^-{p + 1}: one by one in {dtype}, the small ones are lost"
        yield HardSum("one-and-many", dtype, a, np.ones(count + 1), ("summation-order", "long-sum"), comment)


def long(dtype: str) -> Iterator[HardSum]:
    """Long sums of one sign, whose 16-bit partial sums round the same way again and again, and of both."""
    draw = Draw(f"long-{dtype}")
    for K in (1024, 2047):
        a = floats(draw.float32(-3, -2, (K,)), "bfloat16")
        comment = f"{K} positive products"
        yield HardSum("long", dtype, _value(a), np.full(K, 0.75), ("long-sum",), comment)
    K = 1500
    a, b = (floats(draw.signed_float32(-3, 0, (K,)), "bfloat16") for _ in range(2))
    yield HardSum("long", dtype, _value(a), _value(b), ("long-sum",), f"{K} products of either sign")


def subnormal(dtype: str) -> Iterator[HardSum]:
    """Results below the smallest normal number: of products, of a difference of normal numbers, of subnormal ones."""
    e = float_format(dtype).lowest_exponent
    low = e // 2 - 2
    products = np.ldexp(np.array([1.5, 1.25, -1.75]), low), np.ldexp(np.array([1.0, 1.5, 1.25]), e - low - 3)
    yield HardSum("subnormal", dtype, *products, ("subnormal",), "products of normal numbers, subnormal themselves")
    difference = np.ldexp(np.array([1.5, -1.25]), e)
    comment = "the difference of two normal numbers is subnormal"
    yield HardSum("subnormal", dtype, difference, np.ones(2), ("subnormal", "cancellation"), comment)
    operands = np.ldexp(np.array([3.0, -5.0, 1.0]), e - 5), np.array([32.0, 64.0, -96.0])
    yield HardSum("subnormal", dtype, *operands, ("subnormal",), "subnormal operands, a normal result")


def overflowing(dtype: str) -> Iterator[HardSum]:
    """Sums that pass the largest number: on their way, to stay there, and hardly."""
    highest = float_format(dtype).highest
    e = float_format(dtype).bias
    big = 2.0 ** (e - e // 2)
    way = np.array([1.5, 1.0, -1.5, -0.75, 0.5]) * 2.0 ** (e // 2), np.full(5, big)
    yield HardSum("overflow", dtype, *way, ("overflow",), "partial sums pass the largest number, the sum does not")
    stays = np.array([1.5, 1.0]) * 2.0 ** (e // 2), np.full(2, big)
    yield HardSum("overflow", dtype, *stays, ("overflow",), "the sum itself passes the largest number")
    hardly = np.array([highest, -highest / 2, highest / 2]), np.ones(3)
    yield HardSum("overflow", dtype, *hardly, ("overflow",), "the largest number, or infinity on the way to it")


def ties(dtype: str) -> Iterator[HardSum]:
    """Sums halfway between two numbers, above an even one and above an odd one, and a little more than that."""
    p = float_format(dtype).precision
    for odd in (0, 1):
        a, b = np.array([1.0 + 2 * odd * 2.0**-p, 2.0**-p]), np.ones(2)
        comment = f"1 + {2 * odd + 1}·2^-{p}: a tie above an {'odd' if odd else 'even'} number"
        yield HardSum("tie", dtype, a, b, ("float-tie",), comment)
    a, b = np.array([1.0, 2.0**-p, 2.0 ** (-p - 2)]), np.array([1.0, 1.0, 2.0 ** (-p + 1)])
    comment = f"a tie and 2^-{2 * p + 1} more, which a sum of {max(2 * p, 24)} bits does not hold"
    yield HardSum("tie", dtype, a, b, ("float-tie",), comment)


def fused() -> Iterator[HardSum]:
    """(1 + 2^-12)² − (1 + 2^-11): 2^-24 with fused multiply-add, 0 without."""
    for scale in (1.0, 2.0**40, 2.0**-40):
        a = np.array([1 + 2.0**-12, -1 - 2.0**-11, 1 - 2.0**-12, -1 + 2.0**-11]) * scale
        b = np.array([1 + 2.0**-12, 1.0, 1 - 2.0**-12, 1.0])
        comment = f"products whose low half is what cancellation leaves, times {scale:g}"
        yield HardSum("fused", "float32", a, b, ("fused", "cancellation"), comment)
