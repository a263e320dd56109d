"""Cases of floating and fixed point of up to 16 bits: encode and decode."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import Tensor, tensor
from qref.quantizers import floating_point
from qref.quantizers.fixed_point import FixedPoint
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

# exponent bits, mantissa bits, bias
FLOATING = (
    (2, 1, 1),
    (3, 2, 3),
    (2, 3, 1),
    (4, 3, 7),
    (5, 2, 15),
    (1, 2, 0),
    (3, 0, 3),
    (1, 0, 0),
    (8, 7, 128),
    (5, 10, 15),
    (4, 3, -3),
)
FIXED = ((1, 0), (2, 1), (3, 0), (7, 7), (3, -4), (2, 9), (15, 8))


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from floating_cases(suite)
    yield from fixed_cases(suite)


def floating_cases(suite: str) -> Iterator[Case]:
    """FloatingPointEncode and FloatingPointDecode."""
    draw = Draw("floating-point")
    for e, m, bias in FLOATING:
        format = floating_point.format_of(e, m, bias)
        attributes: dict[str, object] = {"exponent_bits": e, "mantissa_bits": m, "bias": bias}
        words = f"{e} exponent bits, {m} mantissa bits, bias {bias}"
        values = np.unique(np.abs(floating_point.values(format)).astype(np.float64))
        middles = (values[1:] + values[:-1]) / 2
        if middles.size > 24:
            middles = middles[np.unique(draw.integers(0, middles.size - 1, (24,)))]
        ties = np.concatenate([middles, -middles]).astype(np.float32)
        yield encoded(suite, "ties", ties, attributes, ("format-tie",), f"{words}: halfway between two numbers")
        beside = np.concatenate([np.nextafter(np.float32(t), np.float32(d)) for d in (0, 9e37) for t in [ties]])
        yield encoded(suite, "near-ties", beside, attributes, ("near-tie",), f"{words}: next to a tie")
        low, high = format.smallest_subnormal, format.highest
        ends = [0.0, -0.0, low, -low, low / 4, -low / 4, format.smallest_normal, high, -high]
        if high < 2.0**126:
            ends += [high * 1.01, -2 * high, 3e38, -3e38]
        flags = ("format-ends", "format-zero")
        yield encoded(suite, "ends", ends, attributes, flags, f"{words}: zeros, the smallest and the largest numbers")
        count = min(1 << format.bits, 64)
        codes = np.arange(count) if count == 1 << format.bits else draw.edges(0, (1 << format.bits) - 1, (count,))
        yield decoded(
            suite, "Floating", "codes", codes, attributes, f"{words}: {'all' if count < 64 else 'some'} codes"
        )
    e2m1: dict[str, object] = {"exponent_bits": 2, "mantissa_bits": 1, "bias": 1}
    random = draw.signed_float32(-3, 3, (4, 5))
    yield encoded(suite, "random", random, e2m1, ("float4",), "FP4 of OCP, by the general rule")
    yield encoded(suite, "empty", np.zeros((0, 3)), e2m1, ("zero-size",), "no numbers")
    wrong: tuple[tuple[dict[str, object], str], ...] = (
        ({"exponent_bits": 0, "mantissa_bits": 3, "bias": 0}, "no exponent bit: that is fixed point"),
        ({"exponent_bits": 8, "mantissa_bits": 8, "bias": 127}, "17 bits"),
        ({"exponent_bits": 8, "mantissa_bits": 7, "bias": 127}, "numbers of 2^128, which float32 does not hold"),
    )
    for attributes, comment in wrong:
        yield error(suite, "FloatingPointEncode", "format", tensor([1.0], "float32"), attributes, comment)
    for value in (np.nan, np.inf):
        yield error(suite, "FloatingPointEncode", "refused", tensor([1.0, value], "float32"), e2m1, f"{value}")
    yield error(suite, "FloatingPointDecode", "beyond", tensor([16], "uint16"), e2m1, "code 16 of four bits")


def fixed_cases(suite: str) -> Iterator[Case]:
    """FixedPointEncode and FixedPointDecode."""
    draw = Draw("fixed-point")
    for m, f in FIXED:
        format = FixedPoint(m, f)
        attributes: dict[str, object] = {"mantissa_bits": m, "fraction_bits": f}
        words = f"{m} mantissa bits in units of 2^{-f}"
        M = np.arange(format.highest + 1) if m < 5 else draw.edges(0, format.highest, (24,))
        ties = np.ldexp(np.concatenate([M + 0.5, -M - 0.5]), -f)
        flags = ("format-tie", "format-ends")
        yield encoded(suite, "ties", ties, attributes, flags, f"{words}: halfway between two numbers", "Fixed")
        ends = np.ldexp(np.array([0, -0.0, 0.25, -0.25, 1, -1, format.highest, -1.5 - format.highest, 1e30]), -f)
        flags = ("format-ends", "format-zero")
        yield encoded(suite, "ends", ends, attributes, flags, f"{words}: zeros of either sign, saturation", "Fixed")
        random = draw.signed_float32(-f - 2, m - f, (3, 5))
        yield encoded(suite, "random", random, attributes, ("fixed-point",), f"{words}: any numbers", "Fixed")
        count = min(1 << format.bits, 64)
        codes = np.arange(count) if count == 1 << format.bits else draw.edges(0, (1 << format.bits) - 1, (count,))
        yield decoded(suite, "Fixed", "codes", codes, attributes, f"{words}: codes")
    wrong: tuple[tuple[dict[str, object], str], ...] = (
        ({"mantissa_bits": 0, "fraction_bits": 0}, "no mantissa bit"),
        ({"mantissa_bits": 16, "fraction_bits": 0}, "17 bits"),
        ({"mantissa_bits": 4, "fraction_bits": 150}, "units below float32's smallest number"),
    )
    for attributes, comment in wrong:
        yield error(suite, "FixedPointEncode", "format", tensor([1.0], "float32"), attributes, comment)
    given: dict[str, object] = {"mantissa_bits": 2, "fraction_bits": 0}
    yield error(suite, "FixedPointEncode", "refused", tensor([np.nan], "float32"), given, "NaN")
    yield error(suite, "FixedPointDecode", "beyond", tensor([8], "uint16"), given, "code 8 of three bits")


def encoded(
    suite: str,
    slug: str,
    x: ArrayLike,
    attributes: Mapping[str, object],
    flags: tuple[str, ...],
    comment: str,
    kind: str = "Floating",
) -> Case:
    """A case of an encoder."""
    request = ask(f"{kind}PointEncode", 1, (tensor(np.asarray(x, np.float32), "float32"),), attributes, "qref")
    requirements = ("QREF-NF-002", "QREF-NF-003") if kind == "Floating" else ("QREF-NF-006",)
    return judged(suite, slug, request, requirements, flags, comment)


def decoded(suite: str, kind: str, slug: str, codes: ArrayLike, attributes: Mapping[str, object], comment: str) -> Case:
    """A case of a decoder; zeros have signs."""
    request = ask(f"{kind}PointDecode", 1, (tensor(np.asarray(codes), "uint16"),), attributes, "qref")
    requirement = "QREF-NF-001" if kind == "Floating" else "QREF-NF-005"
    return judged(suite, slug, request, (requirement,), ("format-codes",), comment, signed_zero=True)


def error(suite: str, op: str, slug: str, x: Tensor, attributes: Mapping[str, object], comment: str) -> Case:
    """A case that is refused."""
    request = ask(op, 1, (x,), attributes, "qref")
    finite = slug != "refused"
    return refused(suite, slug, request, ("QREF-NF-004" if finite else "QREF-QZ-001",), ("error",), comment)
