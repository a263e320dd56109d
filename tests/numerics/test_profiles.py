"""The five requantization profiles against rules written once more on exact rationals.

Nothing here computes in floats: a rule that an engine evaluates in float32 or float64 is a chain of exact operations,
each followed by `to_float`, the nearest number of that precision.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qref.errors import OutsideDomain
from qref.numerics.profiles import PROFILES

OUTSIDE = "outside"
RANGES = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "uint16": (0, 65535)}


class Outside(Exception):
    """The rule is not defined for these numbers."""


@lru_cache(maxsize=4096)
def to_float(value: Fraction, precision: int, smallest: int, largest_exponent: int) -> Fraction:
    """The nearest float, half to even; too large, zero or subnormal is Outside (no rule here is defined there)."""
    if value == 0:
        return value
    e = abs(value.numerator).bit_length() - value.denominator.bit_length()  # right, or one off
    while Fraction(2) ** e > abs(value):
        e -= 1
    while Fraction(2) ** (e + 1) <= abs(value):
        e += 1
    step = Fraction(2) ** (max(e, smallest) - precision + 1)
    rounded = round(value / step) * step
    if abs(rounded) >= Fraction(2) ** (largest_exponent + 1):
        raise Outside
    return rounded


def float32(value: Fraction) -> Fraction:
    return to_float(value, 24, -126, 127)


def float64(value: Fraction) -> Fraction:
    return to_float(value, 53, -1022, 1023)


def half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def half_away(value: Fraction) -> int:
    return half_up(abs(value)) * (1 if value >= 0 else -1)


def within(value: int, bits: int) -> int:
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise Outside
    return value


def clamp(value: int, dtype: str) -> int:
    return sorted([value, *RANGES[dtype]])[1]


def onnx(acc: int, sx: Fraction, sw: Fraction, sy: Fraction, zero: int, dtype: str) -> int:
    return clamp(round(acc * sx * sw / sy) + zero, dtype)


@lru_cache(maxsize=4096)
def multiplier(sx: Fraction, sw: Fraction, sy: Fraction) -> tuple[int, int]:
    M = float64(float64(sx * sw) / sy)
    e = 0
    while Fraction(2) ** e <= M:
        e += 1
    while Fraction(2) ** (e - 1) > M:
        e -= 1
    m = half_away(M / Fraction(2) ** e * 2**31)
    if m == 2**31:
        m, e = 2**30, e + 1
    return (0, 0) if e < -31 else (m, e)


def tflite_double(acc: int, sx: Fraction, sw: Fraction, sy: Fraction, zero: int, dtype: str) -> int:
    m, e = multiplier(sx, sw, sy)
    if e > 30:
        raise Outside
    shifted = within(within(acc, 32) * 2 ** max(e, 0), 32)
    high = half_up(Fraction(shifted * m, 2**31))
    scaled = half_away(Fraction(high, 2 ** max(-e, 0)))
    return clamp(within(scaled + zero, 32), dtype)


def tflite_single(acc: int, sx: Fraction, sw: Fraction, sy: Fraction, zero: int, dtype: str) -> int:
    m, e = multiplier(sx, sw, sy)
    if e > 30:
        m, e = 2**31 - 1, 30
    scaled = within(half_up(Fraction(within(acc, 32) * m, 2 ** (31 - e))), 32)
    return clamp(within(scaled + zero, 32), dtype)


def xnnpack_fp32(acc: int, sx: Fraction, sw: Fraction, sy: Fraction, zero: int, dtype: str) -> int:
    if min(sx, sw, sy) < Fraction(2) ** -126:
        raise Outside
    scale = float32(float32(sx * sw) / sy)
    if not Fraction(1, 2**32) <= scale < 256 or dtype not in ("int8", "uint8"):
        raise Outside
    product = float32(float32(Fraction(within(acc, 32))) * scale)
    lowest, highest = RANGES[dtype]
    return sorted([round(product), lowest - zero, highest - zero])[1] + zero


def ncnn(acc: int, sx: Fraction, sw: Fraction, sy: Fraction, zero: int, dtype: str) -> int:
    scale_in, scale_out = float32(sx * sw), float32(1 / sy)
    if min(scale_in, scale_out) < Fraction(2) ** -126 or dtype != "int8" or zero != 0:
        raise Outside
    real = float32(float32(float32(Fraction(within(acc, 32))) * scale_in) * scale_out)
    if abs(real) >= 2**31:  # round() is cast to int
        raise Outside
    return sorted([half_away(real), -127, 127])[1]


RULES: dict[str, Callable[[int, Fraction, Fraction, Fraction, int, str], int]] = {
    "onnx": onnx,
    "tflite-double": tflite_double,
    "tflite-single": tflite_single,
    "xnnpack-fp32": xnnpack_fp32,
    "ncnn": ncnn,
}


def expected(name: str, acc: int, scales: tuple[float, float, float], zero: int, dtype: str) -> int | str:
    try:
        return RULES[name](acc, *map(Fraction, scales), zero, dtype)
    except Outside:
        return OUTSIDE


def found(name: str, acc: int, scales: tuple[float, float, float], zero: int, dtype: str) -> int | str:
    profile = PROFILES[name]
    try:
        return profile.apply(acc, profile.derive(*scales), zero, dtype)
    except OutsideDomain:
        return OUTSIDE


def normal32(lowest: int, highest: int) -> st.SearchStrategy[float]:
    """Positive normal float32 numbers, each exponent as likely as another; powers of two and their neighbours often."""
    significand = st.one_of(
        st.integers(2**23, 2**24 - 1), st.sampled_from([2**23, 2**23 + 1, 2**24 - 1, 3 * 2**22, 13421773])
    )
    return st.builds(lambda m, e: math.ldexp(m, e - 23), significand, st.integers(lowest, highest))


accumulators = st.one_of(
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-400, 400),
    st.builds(lambda p, d, s: s * (2**p + d), st.integers(0, 31), st.integers(-3, 3), st.sampled_from([-1, 1])),
)
kinds = st.sampled_from([("int8", 0), ("int8", -128), ("int8", 127), ("uint8", 0), ("uint8", 255), ("uint8", 128)])
wide_kinds = st.one_of(kinds, st.sampled_from([("int16", 0), ("uint16", 32768), ("int16", -32768), ("uint16", 65535)]))


@pytest.mark.requirement(
    "QREF-RQ-001",
    "QREF-RQ-003",
    "QREF-RQ-009",
    "QREF-RQ-011",
    "QREF-RQ-012",
    "QREF-RQ-013",
    "QREF-RQ-014",
    "QREF-RQ-015",
)
@pytest.mark.parametrize("name", PROFILES)
@given(acc=accumulators, sx=normal32(-8, 0), sw=normal32(-10, 0), sy=normal32(-8, 4), kind=wide_kinds)
@example(acc=5, sx=0.5, sw=1.0, sy=1.0, kind=("int8", 0))
@example(acc=-5, sx=0.5, sw=1.0, sy=1.0, kind=("int8", 0))
@example(acc=-(2**31), sx=1.0, sw=1.0, sy=1.0, kind=("int16", 0))
@example(acc=2**24 + 1, sx=2.0**-18, sw=1.0, sy=1.0, kind=("int8", 0))
def test_scales_as_networks_have_them(
    name: str, acc: int, sx: float, sw: float, sy: float, kind: tuple[str, int]
) -> None:
    dtype, zero = kind
    assert found(name, acc, (sx, sw, sy), zero, dtype) == expected(name, acc, (sx, sw, sy), zero, dtype)


@pytest.mark.requirement(
    "QREF-RQ-001",
    "QREF-RQ-003",
    "QREF-RQ-009",
    "QREF-RQ-011",
    "QREF-RQ-012",
    "QREF-RQ-013",
    "QREF-RQ-014",
    "QREF-RQ-015",
)
@pytest.mark.parametrize("name", PROFILES)
@given(acc=accumulators, sx=normal32(-126, 127), sw=normal32(-126, 127), sy=normal32(-126, 127), kind=wide_kinds)
def test_scales_of_every_magnitude(name: str, acc: int, sx: float, sw: float, sy: float, kind: tuple[str, int]) -> None:
    dtype, zero = kind
    assert found(name, acc, (sx, sw, sy), zero, dtype) == expected(name, acc, (sx, sw, sy), zero, dtype)


@pytest.mark.requirement(
    "QREF-RQ-001", "QREF-RQ-004", "QREF-RQ-011", "QREF-RQ-012", "QREF-RQ-013", "QREF-RQ-014", "QREF-RQ-015"
)
@pytest.mark.parametrize("name", PROFILES)
@given(
    half=st.integers(-300, 300),
    sx=normal32(-12, 12),
    power=st.integers(-16, 16),
    side=st.sampled_from([-1, 0, 1]),
    kind=kinds,
)
def test_near_ties(name: str, half: int, sx: float, power: int, side: int, kind: tuple[str, int]) -> None:
    """The accumulator whose exact scaled value lies nearest to a chosen half, and its neighbours."""
    sw, sy = 2.0**power, 1.0
    acc = round(Fraction(2 * half + 1, 2) / (Fraction(sx) * Fraction(sw))) + side
    dtype, zero = kind
    assert found(name, acc, (sx, sw, sy), zero, dtype) == expected(name, acc, (sx, sw, sy), zero, dtype)


@pytest.mark.requirement(
    "QREF-RQ-001",
    "QREF-RQ-003",
    "QREF-RQ-009",
    "QREF-RQ-011",
    "QREF-RQ-012",
    "QREF-RQ-013",
    "QREF-RQ-014",
    "QREF-RQ-015",
)
@pytest.mark.parametrize("name", PROFILES)
@given(shift=st.integers(-34, 33), ulps=st.integers(-3, 3), acc=accumulators, kind=kinds)
def test_at_the_ends_of_the_shift(name: str, shift: int, ulps: int, acc: int, kind: tuple[str, int]) -> None:
    sx = float(np.float32(1) + ulps * np.finfo(np.float32).eps)
    scales = (sx, 2.0**shift, 1.0)
    dtype, zero = kind
    for accumulator in (acc, acc % 8, 1, -1):
        assert found(name, accumulator, scales, zero, dtype) == expected(name, accumulator, scales, zero, dtype)


@pytest.mark.requirement("QREF-RQ-004", "QREF-RQ-011", "QREF-RQ-012", "QREF-RQ-013", "QREF-RQ-014", "QREF-RQ-015")
@pytest.mark.parametrize("name", PROFILES)
def test_ties_as_the_rule_breaks_them(name: str) -> None:
    """acc / 2 for acc = −5, −3, −1, 1, 3, 5: the rule in one line."""
    expected_halves = {
        "onnx": [-2, -2, 0, 0, 2, 2],
        "tflite-double": [-2, -1, 0, 1, 2, 3],
        "tflite-single": [-2, -1, 0, 1, 2, 3],
        "xnnpack-fp32": [-2, -2, 0, 0, 2, 2],
        "ncnn": [-3, -2, -1, 1, 2, 3],
    }
    assert [found(name, acc, (0.5, 1.0, 1.0), 0, "int8") for acc in (-5, -3, -1, 1, 3, 5)] == expected_halves[name]


def test_two_roundings_differ_from_one() -> None:
    # acc/4: −1.5 → SRDHM has nothing to round, RoundingDivideByPOT goes away from zero; one rounding goes up
    assert found("tflite-double", -6, (0.25, 1.0, 1.0), 0, "int8") == -2
    assert found("tflite-single", -6, (0.25, 1.0, 1.0), 0, "int8") == -1


def test_derived_numbers() -> None:
    assert PROFILES["onnx"].derive(0.5, 0.25, 3.0) == {"scale": Fraction(1, 24)}
    assert PROFILES["tflite-double"].derive(1.0, 1.0, 1.0) == {"multiplier": 2**30, "shift": 1}
    assert PROFILES["tflite-single"].derive(2.0**31, 1.0, 1.0) == {"multiplier": 2**31 - 1, "shift": 30}
    assert PROFILES["tflite-double"].derive(2.0**-33, 1.0, 1.0) == {"multiplier": 0, "shift": 0}
    assert PROFILES["xnnpack-fp32"].derive(0.5, 0.5, 2.0) == {"scale": 0.125}
    assert PROFILES["ncnn"].derive(0.5, 0.5, 4.0) == {"scale_in": 0.25, "scale_out": 0.25}


@pytest.mark.requirement("QREF-RQ-011", "QREF-RQ-012", "QREF-RQ-013", "QREF-RQ-014", "QREF-RQ-015")
@pytest.mark.parametrize(
    ("name", "acc", "scales", "zero", "dtype", "words"),
    [
        ("tflite-double", 0, (2.0**31, 1.0, 1.0), 0, "int8", "shift 32"),
        ("tflite-double", 2**30, (2.0, 1.0, 1.0), 0, "int8", r"accumulator · 2\^shift is 4294967296"),
        ("tflite-double", 2**31, (0.5, 1.0, 1.0), 0, "int8", "the accumulator is 2147483648"),
        ("tflite-double", 2**31 - 1, (0.9999999, 1.0, 1.0), 255, "uint8", "plus zero point"),
        ("tflite-single", 2**31, (0.5, 1.0, 1.0), 0, "int8", "the accumulator is 2147483648"),
        ("tflite-single", 2**30, (4.0, 1.0, 1.0), 0, "int8", "the scaled value is 4294967296"),
        ("tflite-single", 2**31 - 1, (1.0, 1.0, 1.0), 1, "int8", "plus zero point is 2147483648"),
        ("xnnpack-fp32", 0, (256.0, 1.0, 1.0), 0, "int8", "scale 256.0"),
        ("xnnpack-fp32", 0, (2.0**-33, 1.0, 1.0), 0, "int8", "scale 1.16"),
        ("xnnpack-fp32", 0, (1.0, 1.0, 1.0), 0, "int16", "output int16"),
        ("xnnpack-fp32", -(2**31) - 1, (1.0, 1.0, 1.0), 0, "int8", "-2147483649"),
        ("ncnn", 0, (1.0, 1.0, 1.0), 0, "uint8", "output uint8"),
        ("ncnn", 0, (1.0, 1.0, 1.0), 3, "int8", "zero point 3"),
        ("ncnn", 2**31, (1.0, 1.0, 1.0), 0, "int8", "2147483648"),
        ("ncnn", 0, (2.0**-100, 2.0**-100, 1.0), 0, "int8", "no normal float32"),
        ("ncnn", 0, (1.0, 1.0, 2.0**127), 0, "int8", "no normal float32"),
        *((name, 0, (0.0, 1.0, 1.0), 0, "int8", "scale 0.0") for name in RULES),
        *((name, 0, (1.0, -1.0, 1.0), 0, "int8", "scale -1.0") for name in RULES),
        *((name, 0, (1.0, 1.0, math.inf), 0, "int8", "scale inf") for name in RULES),
        *((name, 0, (1.0, 1.0, math.nan), 0, "int8", "scale nan") for name in RULES),
    ],
)
def test_outside_the_domain_the_number_is_named(
    name: str, acc: int, scales: tuple[float, float, float], zero: int, dtype: str, words: str
) -> None:
    profile = PROFILES[name]
    with pytest.raises(OutsideDomain, match=words):
        profile.apply(acc, profile.derive(*scales), zero, dtype)


@pytest.mark.requirement("QREF-RQ-006")
def test_onnx_has_no_accumulator_that_is_too_large() -> None:
    assert found("onnx", 2**40 + 1, (2.0**-40, 1.0, 1.0), 3, "int8") == 4
    assert found("onnx", 3 * 2**40, (2.0**-41, 1.0, 1.0), 0, "int8") == 2  # 1.5, a tie beyond 32 bits


# one scale of every class: exact ties, thirds, ULPs beside a power of two, above one, tiny, the ends of a rule's domain
CLASSES = [
    1.0, 0.5, 0.25, 2.0**-7, 2.0, 64.0, 255.0, 0.3, 1 / 3, 0.1, 0.7, 1.7, 0.9999999403953552, 1.0000001192092896,
    0.49999997019767761, 0.50000005960464478, 0.0078125004656612873, 2.0**-15, 2.0**-31, 2.0**-32, 2.0**-33, 2.0**30,
    3.3e-5, 1e-9,
]  # fmt: skip


@pytest.mark.requirement(
    "QREF-RQ-001",
    "QREF-RQ-003",
    "QREF-RQ-009",
    "QREF-RQ-011",
    "QREF-RQ-012",
    "QREF-RQ-013",
    "QREF-RQ-014",
    "QREF-RQ-015",
)
@pytest.mark.parametrize("name", PROFILES)
def test_every_8_bit_accumulator_under_every_class_of_scale(name: str) -> None:
    for x_scale in CLASSES:
        for y_scale, dtype, zero in ((1.0, "int8", 0), (1.0, "uint8", 3), (float(np.float32(0.7)), "int8", 0)):
            scales = (float(np.float32(x_scale)), 1.0, y_scale)
            for acc in range(-128, 128) if dtype == "int8" else range(256):
                assert found(name, acc, scales, zero, dtype) == expected(name, acc, scales, zero, dtype), (acc, scales)
