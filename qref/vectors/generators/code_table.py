"""Cases of the table of N-bit codes: uniform, logarithmic and non-uniform."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

UNIFORM, LOGARITHMIC, RANGE, NON_UNIFORM = (f"QREF-NF-{i:03}" for i in (7, 8, 9, 10))


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from uniform_cases(suite)
    yield from logarithmic_cases(suite)
    yield from non_uniform_cases(suite)


def uniform_cases(suite: str) -> Iterator[Case]:
    """UniformEncode."""
    draw = Draw("uniform-code")
    for N in (1, 2, 3, 8, 16, 24, 32, 53, 63, 64):
        top = min((1 << N) - 1, 1000)
        k = np.unique(draw.edges(0, top, (12,)))
        x = np.concatenate([k, k + 0.5, np.nextafter(np.float32(k + 0.5), np.float32(0))]).astype(np.float32)
        yield case(
            suite, "UniformEncode", "ties", x, N, UNIFORM, ("code-tie",), f"{N} bits: integers, ties, below ties"
        )
        ends = np.array([0.0, -0.0, -0.5, -7.0, 2.0 ** (N - 1), 2.0**N - 1, 2.0**N, 2.0 ** (N + 3), 3e38], np.float32)
        yield case(suite, "UniformEncode", "ends", ends, N, UNIFORM, ("code-ends",), f"{N} bits: the ends of the range")
    x = np.array([1.25, 1.5, 1.75, 2 - 2.0**-23], np.float32) * np.float32(2.0**63)
    yield case(suite, "UniformEncode", "large", x, 64, UNIFORM, ("code-ends",), "64 bits: beyond signed integers")
    x = np.zeros((2, 0), np.float32)
    yield case(suite, "UniformEncode", "empty", x, 4, UNIFORM, ("zero-size",), "no numbers")
    for N in (0, 65):
        yield bits_refused(suite, "UniformEncode", tensor([1.0], "float32"), N)
    yield not_finite(suite, "UniformEncode", (tensor([np.nan], "float32"),))


def logarithmic_cases(suite: str) -> Iterator[Case]:
    """LogarithmicEncode and LogarithmicDecode."""
    draw = Draw("logarithmic-code")
    for N in range(1, 7):
        K = (1 << N) - 1
        powers = 2.0 ** np.unique(draw.edges(0, K - 1, (16,)))
        middles = np.concatenate([[0.5], 1.5 * powers]).astype(np.float32)
        x = np.concatenate([powers, middles]).astype(np.float32)
        flags = ("code-tie",)
        yield case(suite, "LogarithmicEncode", "ties", x, N, LOGARITHMIC, flags, f"{N} bits: powers, and halfway")
        x = np.concatenate([np.nextafter(middles, np.float32(0)), np.nextafter(middles, np.float32(9e37))])
        yield case(suite, "LogarithmicEncode", "near-ties", x, N, LOGARITHMIC, ("near-tie",), f"{N} bits: beside ties")
        x = np.concatenate([1.4375 * powers, [0.45, 0.7, 0.75]]).astype(np.float32)
        flags = ("nearest-in-value",)
        comment = f"{N} bits: between √2 and 1.5 times a power"
        yield case(suite, "LogarithmicEncode", "between", x, N, LOGARITHMIC, flags, comment)
        ends = np.array([0.0, -0.0, -1.0, 1e-45, 2.0 ** (K - 1), 2.0**K, 3e38], np.float32)
        comment = f"{N} bits: the ends of the range"
        yield case(suite, "LogarithmicEncode", "ends", ends, N, LOGARITHMIC, ("code-ends",), comment)
        codes = tensor(np.arange(1 << N, dtype=np.uint8), "uint8")
        request = ask("LogarithmicDecode", 1, (codes,), {"bits": N}, "qref")
        yield judged(suite, "codes", request, (LOGARITHMIC,), ("power-codes",), f"{N} bits: every code")
    codes = tensor([63, 40, 33, 32, 31, 0], "uint8")
    request = ask("LogarithmicDecode", 1, (codes,), {"bits": 6}, "qref")
    yield judged(suite, "large", request, (LOGARITHMIC,), ("power-codes",), "6 bits: powers beyond 32-bit integers")
    for N in (0, 7):
        yield bits_refused(suite, "LogarithmicEncode", tensor([1.0], "float32"), N)
        yield bits_refused(suite, "LogarithmicDecode", tensor([0], "uint8"), N)
    request = ask("LogarithmicDecode", 1, (tensor([4], "uint8"),), {"bits": 2}, "qref")
    yield refused(suite, "beyond", request, (LOGARITHMIC,), ("error",), "code 4 of two bits")
    yield not_finite(suite, "LogarithmicEncode", (tensor([np.inf], "float32"),))


def non_uniform_cases(suite: str) -> Iterator[Case]:
    """NonUniformEncode."""
    draw = Draw("non-uniform-code")

    def coded(slug: str, x: ArrayLike, C: ArrayLike, flags: tuple[str, ...], comment: str) -> Case:
        inputs = tensor(np.asarray(x, np.float32), "float32"), tensor(np.asarray(C, np.float32), "float32")
        return judged(suite, slug, ask("NonUniformEncode", 1, inputs, {}, "qref"), (NON_UNIFORM,), flags, comment)

    tie, order = ("codebook-tie",), ("codebook-order",)
    yield coded("ties", [-1.5, 0.0, -0.0, 1.5, 3.0], [-2, -1, 1, 2, 4], tie, "halfway between two values; no zero")
    yield coded("order", [-1.5, 0.0, 1.5, 3.0, 9, -9], [4, -1, 2, 1, -2], (*tie, *order), "values in any order")
    yield coded("equal", [0.0, 0.9, 1.1, 5.0], [1, 0, 1, 0, 2, 2], order, "equal values: the first")
    yield coded("one", [-3.0, 0.0, 7.0], [2.5], ("one-element",), "a codebook of one value")
    yield coded("zeros", [-0.1, 0.0, 0.1], [0.0, -0.0, 1.0], ("sign-of-zero",), "+0 and −0 are equal values")
    C = [0.0, 2.0**-149, 1.0]
    x = [2.0**-149, 0.5, np.nextafter(np.float32(0.5), np.float32(1)), 1e-38]
    yield coded("far", x, C, ("codebook-exact",), "values so far apart that their sum is no float64")
    comment = "a sum that rounds to 2: 1 is nearer to the lower value"
    yield coded(
        "far", [1.0, np.nextafter(np.float32(1), np.float32(2))], [2.0**-140, 2.0], ("codebook-exact",), comment
    )
    C = [-3e38, 3.4e38, -1e-45, 2.0**-130]
    yield coded("huge", [3e38, -3e38, 2e37, 0, 1e-40], C, ("codebook-exact",), "values whose sum overflows float32")
    for count in (2, 4, 16, 100, 256):
        values = np.sort(draw.signed_float32(-4, 2, (count,)))
        numbers = draw.signed_float32(-5, 3, (4, 6))
        yield coded("random", numbers, values, ("codebook",), f"{count} values in rising order")
        yield coded(
            "random",
            numbers,
            draw.signed_float32(-4, 2, (count,)),
            ("codebook", *order),
            f"{count} values in any order",
        )
        near = ((values[:-1].astype(np.float64) + values[1:]) / 2).astype(np.float32)[:20]
        yield coded("near", near, values, ("near-tie",), f"{count} values: next to boundaries")
    yield coded("empty", np.zeros((0,)), [1.0, 2.0], ("zero-size",), "no numbers")
    one = tensor([1.0], "float32")
    for codebook, comment in (
        (tensor(np.zeros(0, np.float32), "float32"), "no value"),
        (tensor(np.zeros(257, np.float32), "float32"), "257 values"),
        (tensor(np.zeros((2, 2), np.float32), "float32"), "two dimensions"),
    ):
        request = ask("NonUniformEncode", 1, (one, codebook), {}, "qref")
        yield refused(suite, "codebook", request, (NON_UNIFORM,), ("error",), f"a codebook of {comment}")
    yield not_finite(suite, "NonUniformEncode", (one, tensor([np.nan, 1.0], "float32")))


def case(
    suite: str,
    op: str,
    slug: str,
    x: ArrayLike,
    N: int,
    requirement: str,
    flags: tuple[str, ...],
    comment: str,
) -> Case:
    """A case of an encoder of N bits."""
    request = ask(op, 1, (tensor(np.asarray(x, np.float32), "float32"),), {"bits": N}, "qref")
    return judged(suite, slug, request, (requirement,), flags, comment)


def bits_refused(suite: str, op: str, x: Tensor, N: int) -> Case:
    """A number of bits that there is not."""
    return refused(suite, "bits", ask(op, 1, (x,), {"bits": N}, "qref"), (RANGE,), ("error",), f"{N} bits")


def not_finite(suite: str, op: str, inputs: Sequence[Tensor]) -> Case:
    """NaN or infinity."""
    request = ask(op, 1, inputs, {}, "qref")
    return refused(suite, "refused", request, ("QREF-QZ-001",), ("error",), "NaN or infinity")
