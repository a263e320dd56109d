"""Float formats against ml_dtypes, against NumPy, and against exact rationals."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import BadTensor
from qref.numerics.floats import add, decode, divide, encode, float_format, multiply, nearest, round_to
from qref.numerics.tensor import Tensor

# name: significand bits, exponent of the smallest normal number, largest number; IEEE 754, ONNX, OCP MX
PUBLISHED = {
    "float16": (11, -14, 65504.0),
    "bfloat16": (8, -126, (2 - 2**-7) * 2.0**127),
    "float32": (24, -126, (2 - 2**-23) * 2.0**127),
    "float8e4m3fn": (4, -6, 448.0),
    "float8e4m3fnuz": (4, -7, 240.0),
    "float8e5m2": (3, -14, 57344.0),
    "float8e5m2fnuz": (3, -15, 57344.0),
    "float4e2m1": (2, 0, 6.0),
}
CODES = {
    "bfloat16": (16, ml_dtypes.bfloat16),
    "float8e4m3fn": (8, ml_dtypes.float8_e4m3fn),
    "float8e4m3fnuz": (8, ml_dtypes.float8_e4m3fnuz),
    "float8e5m2": (8, ml_dtypes.float8_e5m2),
    "float8e5m2fnuz": (8, ml_dtypes.float8_e5m2fnuz),
    "float4e2m1": (4, ml_dtypes.float4_e2m1fn),
    "float8e8m0": (8, ml_dtypes.float8_e8m0fnu),
}
SMALL = [name for name in CODES if name not in ("bfloat16", "float8e8m0")]


def every_code(name: str) -> Tensor:
    bits, _ = CODES[name]
    return Tensor(name, np.arange(2**bits).astype(np.uint16 if bits == 16 else np.uint8))


def exact(value: Fraction, name: str) -> float:
    """The nearest number of a format, half to even, by its published numbers: infinity beyond the largest."""
    precision, smallest, largest = PUBLISHED[name]
    exponent = abs(value.numerator).bit_length() - value.denominator.bit_length()  # right, or one too large
    if Fraction(2) ** exponent > abs(value):
        exponent -= 1
    step = Fraction(2) ** (max(exponent, smallest) - precision + 1)
    rounded = round(value / step) * step
    return math.copysign(math.inf, value) if abs(rounded) > Fraction(largest) else float(rounded)


def same(found: object, expected: object) -> None:
    """Equal numbers, NaN beside NaN, and zeros of one sign."""
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    np.testing.assert_array_equal(found, expected)
    zero = expected == 0
    np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(expected[zero]))


@pytest.mark.parametrize("name", PUBLISHED)
def test_formats_have_their_published_numbers(name: str) -> None:
    format = float_format(name)
    assert (format.precision, format.lowest_exponent, format.highest) == PUBLISHED[name]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_roundoff_and_smallest_numbers_are_numpys(dtype: type[np.floating[Any]]) -> None:
    format, info = float_format(np.dtype(dtype).name), np.finfo(dtype)
    found = 2 * format.unit_roundoff, format.smallest_normal, format.smallest_subnormal
    assert found == (info.eps, info.smallest_normal, info.smallest_subnormal)


@pytest.mark.requirement("QREF-NO-001")
@pytest.mark.parametrize("name", CODES)
def test_every_code_means_what_ml_dtypes_says(name: str) -> None:
    codes = every_code(name)
    with np.errstate(invalid="ignore"):
        theirs = codes.data.view(CODES[name][1]).astype(np.float64)
    same(decode(codes), theirs)


@pytest.mark.parametrize("name", [*SMALL, "bfloat16"])
def test_every_number_is_encoded_as_its_code(name: str) -> None:
    codes = every_code(name)
    values = decode(codes)
    number = ~np.isnan(values)
    found = encode(values[number], name)
    same(found.data, codes.data[number])


def test_every_float16_survives() -> None:
    bits = np.arange(2**16, dtype=np.uint16)
    x = Tensor("float16", bits.view(np.float16))
    same(encode(decode(x), "float16").data, x.data)


@pytest.mark.requirement("QREF-NO-002", "QREF-QD-009", "QREF-QD-010")
@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("saturate", [True, False])
def test_every_neighbourhood_of_every_small_format(name: str, saturate: bool) -> None:
    """Each number, each midpoint of neighbours, and what lies just beside them, encoded like ml_dtypes and exactly."""
    precision, _, largest = PUBLISHED[name]
    numbers = np.unique(decode(every_code(name))[np.isfinite(decode(every_code(name)))])
    beyond = largest + np.array([0.5, 1, 2, 8]) * math.ulp(largest) * 2.0 ** (53 - precision)
    corners = np.concatenate([numbers, (numbers[1:] + numbers[:-1]) / 2, beyond, -beyond, [1e30, -1e30]])
    # neighbours in float32, because ml_dtypes goes there first and would round a float64 twice
    corners, inf = corners.astype(np.float32), np.float32(np.inf)
    corners = np.unique(np.concatenate([corners, np.nextafter(corners, inf), np.nextafter(corners, -inf)]))
    corners = corners.astype(np.float64)
    rounded = [exact(Fraction(float(x)), name) for x in corners]
    np.testing.assert_array_equal(round_to(corners, float_format(name)), rounded)
    found = decode(encode(corners, name, saturate=saturate))
    clamps = saturate or name == "float4e2m1"
    lost = math.inf if name == "float8e5m2" else math.nan
    for x, y, r in zip(corners, found, rounded, strict=True):
        expected = math.copysign(largest if clamps else lost, x) if math.isinf(r) else r
        assert y == expected or (math.isnan(y) and math.isnan(expected)), x
    if not saturate:
        with np.errstate(invalid="ignore"):
            theirs = corners.astype(CODES[name][1]).astype(np.float64)
        np.testing.assert_array_equal(found, theirs)


@pytest.mark.parametrize(
    ("name", "saturate", "codes"),
    # codes of +∞, −∞, NaN, −0: ONNX's table "Float stored in 8 bits", cast
    [
        ("float8e4m3fn", True, (0x7E, 0xFE, 0x7F, 0x80)),
        ("float8e4m3fnuz", True, (0x7F, 0xFF, 0x80, 0x00)),
        ("float8e5m2", True, (0x7B, 0xFB, 0x7E, 0x80)),
        ("float8e5m2fnuz", True, (0x7F, 0xFF, 0x80, 0x00)),
        ("float8e4m3fn", False, (0x7F, 0xFF, 0x7F, 0x80)),
        ("float8e4m3fnuz", False, (0x80, 0x80, 0x80, 0x00)),
        ("float8e5m2", False, (0x7C, 0xFC, 0x7E, 0x80)),
        ("float8e5m2fnuz", False, (0x80, 0x80, 0x80, 0x00)),
    ],
)
def test_what_is_not_finite(name: str, saturate: bool, codes: tuple[int, ...]) -> None:
    found = encode(np.array([np.inf, -np.inf, np.nan, -0.0]), name, saturate=saturate)
    assert found.data.tolist() == list(codes)


def test_a_format_without_nan_refuses_it() -> None:
    with pytest.raises(BadTensor, match="float4e2m1 has neither infinity nor NaN"):
        encode(np.array([np.nan]), "float4e2m1")
    with pytest.raises(BadTensor, match="'float8e8m0' is no float format with a sign"):
        encode(np.array([1.0]), "float8e8m0")
    with pytest.raises(BadTensor, match="'int8' is no float"):
        float_format("int8")


doubles = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.requirement("QREF-NO-002")
@pytest.mark.parametrize("name", PUBLISHED)
@given(x=doubles)
def test_any_double_is_rounded_once(name: str, x: float) -> None:
    expected = exact(Fraction(x), name)
    same(round_to(np.array([x]), float_format(name)), [expected if expected else math.copysign(0.0, x)])
    assert nearest(Fraction(x), float_format(name)) == expected


@pytest.mark.requirement("QREF-NO-002")
@pytest.mark.parametrize("name", PUBLISHED)
@given(data=st.data())
def test_ties_of_every_magnitude(name: str, data: st.DataObject) -> None:
    precision, smallest, largest = PUBLISHED[name]
    e = data.draw(st.integers(smallest - 1, math.frexp(largest)[1] - 1))
    first = 2 ** (precision - 1) if e >= smallest else 0  # below the smallest normal number: a subnormal one
    significand = data.draw(st.integers(first, 2**precision - 1 if e >= smallest else 2 ** (precision - 1) - 1))
    side = data.draw(st.sampled_from([-1, 0, 1]))
    x = Fraction(2 * significand + 1, 2) * Fraction(2) ** (max(e, smallest) - precision + 1)
    x = Fraction(float(x) if side == 0 else math.nextafter(float(x), side * math.inf))
    sign = data.draw(st.sampled_from([-1, 1]))
    assert round_to(np.array([float(sign * x)]), float_format(name))[0] == exact(sign * x, name)
    assert nearest(sign * x, float_format(name)) == exact(sign * x, name)


@given(n=st.integers(-(2**80), 2**80), d=st.integers(1, 2**80))
def test_nearest_of_a_rational_that_no_double_holds(n: int, d: int) -> None:
    for name in PUBLISHED:
        assert nearest(Fraction(n, d), float_format(name)) == exact(Fraction(n, d), name)


ARITHMETIC = ["float16", "bfloat16", "float32"]


def numbers_of(name: str) -> st.SearchStrategy[float]:
    """Finite numbers of a format, every exponent as likely as another, subnormals among them."""
    precision, smallest, largest = PUBLISHED[name]

    def build(e: int, significand: int, negative: bool) -> float:
        magnitude = math.ldexp(significand, max(e, smallest) - precision + 1)
        return -magnitude if negative else magnitude

    normal = st.integers(2 ** (precision - 1), 2**precision - 1)
    subnormal = st.integers(1, 2 ** (precision - 1) - 1)
    top = math.frexp(largest)[1] - 1
    return st.one_of(
        st.builds(build, st.integers(smallest, top), normal, st.booleans()),
        st.builds(build, st.just(smallest), subnormal, st.booleans()),
        st.builds(build, st.integers(smallest, top), st.just(2 ** (precision - 1)), st.booleans()),
    )


@pytest.mark.parametrize("name", ARITHMETIC)
@given(data=st.data())
def test_products_and_quotients_are_rounded_once(name: str, data: st.DataObject) -> None:
    x, y = data.draw(numbers_of(name)), data.draw(numbers_of(name))
    format = float_format(name)
    assert divide(np.array([x]), np.array([y]), format)[0] == exact(Fraction(x) / Fraction(y), name)
    assert multiply(np.array([x]), np.array([y]), format)[0] == exact(Fraction(x) * Fraction(y), name)


@pytest.mark.parametrize("name", ARITHMETIC)
@given(data=st.data())
def test_quotients_that_are_subnormal_or_nearly_ties(name: str, data: st.DataObject) -> None:
    """x is taken as the number nearest to y · tie, so that x / y lies as near to a tie as the format allows."""
    precision, smallest, _ = PUBLISHED[name]
    y = abs(data.draw(numbers_of(name)))
    bits = data.draw(st.integers(1, precision + 1))
    tie = math.ldexp(2 * data.draw(st.integers(2 ** (bits - 1) - 1, 2**bits - 1)) + 1, smallest - precision)
    if data.draw(st.booleans()):
        tie *= 2.0 ** data.draw(st.integers(0, 20))
    x = exact(Fraction(y) * Fraction(tie), name)
    format = float_format(name)
    for neighbour in (x, exact(Fraction(x) * (1 + Fraction(1, 2 ** (precision - 1))), name)) if x else ():
        if math.isfinite(neighbour):
            found = divide(np.array([neighbour]), np.array([y]), format)[0]
            assert found == exact(Fraction(neighbour) / Fraction(y), name), (neighbour, y)


def test_all_quotients_of_small_float16_significands() -> None:
    """Every subnormal quotient of a dense corner of float16, where rounding twice would show first."""
    x = np.arange(1, 200, dtype=np.float64)[:, None] * 2.0**-24
    y = np.arange(1, 200, dtype=np.float64)[None, :]
    found = divide(x, y, float_format("float16"))
    for i in range(1, 200):
        for j in range(1, 200):
            assert found[i - 1, j - 1] * 2**24 == round(Fraction(i, j))


def test_division_and_multiplication_at_the_ends() -> None:
    format = float_format("float32")
    x = np.array([1.0, -1.0, 0.0, np.inf, np.inf, 3e38, 2.0**-149])
    y = np.array([0.0, 0.0, 0.0, 2.0, np.inf, 1e-3, 2.0])
    same(divide(x, y, format), [np.inf, -np.inf, np.nan, np.inf, np.nan, np.inf, 0.0])
    same(multiply(x, y, format), [0.0, -0.0, 0.0, np.inf, np.inf, float(np.float32(3e38 * 1e-3)), 2.0**-148])


@pytest.mark.parametrize("operation", [add, multiply, divide])
def test_a_nan_made_of_numbers_has_the_same_bits_on_every_processor(operation: Callable[..., Any]) -> None:
    inf, zero = np.array([np.inf]), np.array([0.0])
    x, y = {add: (inf, -inf), multiply: (inf, zero), divide: (zero, zero)}[operation]
    for a, b in ((x, y), (y, x), (-x, -y)):
        made = encode(operation(a, b, float_format("float32")), "float32")
        assert made.data.view(np.uint32).tolist() == [0x7FC00000]
