"""The second road's own ground: its decoding, its rounding and its sums, against struct and ml_dtypes."""

import itertools
import random
import struct
import sys
from fractions import Fraction
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1]))

from independent.answers import sum_of_products
from independent.binary_formats import BINARIES, decode, encode, nearest, neighbours, power_of_two
from independent.extended import (
    INF,
    MINUS_INF,
    MINUS_ZERO,
    NAN,
    ZERO,
    Special,
    Value,
    less,
    magnitude,
    over,
    plus,
    times,
    total,
)

EXAMPLES: list[Value] = [*Special, ZERO, Fraction(1), Fraction(-3, 2)]


def as_float(v: Value) -> float:
    return float(v) if isinstance(v, Fraction) else float(v.value)


def alike(a: float, b: float) -> bool:
    return (a != a and b != b) or struct.pack("<d", a) == struct.pack("<d", b)


@pytest.mark.parametrize(("dtype", "of_numpy"), [("float16", np.float16), ("bfloat16", ml_dtypes.bfloat16)])
def test_every_code_of_sixteen_bits(dtype: str, of_numpy: type) -> None:
    with np.errstate(all="ignore"):
        numbers = np.arange(65536, dtype=np.uint16).view(of_numpy).astype(np.float64)
    for code, number in enumerate(numbers):
        value = decode(code, BINARIES[dtype])
        assert alike(as_float(value), float(number)) or value is NAN
        assert value is NAN or encode(value, BINARIES[dtype]) == code


@pytest.mark.parametrize(("dtype", "of_numpy"), [("float16", np.float16), ("bfloat16", ml_dtypes.bfloat16)])
def test_rounding_from_float32_is_that_of_numpy(dtype: str, of_numpy: type) -> None:
    draw = random.Random(1)
    codes = [draw.getrandbits(32) for _ in range(3000)] + [draw.getrandbits(19) << 13 for _ in range(3000)]
    for code in codes:
        value = decode(code, BINARIES["float32"])
        if value is NAN:
            continue
        with np.errstate(all="ignore"):
            number = np.array([code], dtype=np.uint32).view(np.float32).astype(of_numpy).astype(np.float64)[0]
        assert alike(as_float(nearest(value, BINARIES[dtype])), float(number))


def test_rounding_to_float32_is_that_of_struct() -> None:
    draw = random.Random(2)
    for _ in range(3000):
        number = struct.unpack("<d", struct.pack("<Q", draw.getrandbits(52) | draw.randrange(860, 1160) << 52))[0]
        code = encode(nearest(Fraction(number), BINARIES["float32"]), BINARIES["float32"])
        with np.errstate(all="ignore"):
            assert code == int(np.array([number]).astype(np.float32).view(np.uint32)[0])


def test_ties_subnormals_and_overflow() -> None:
    single = BINARIES["float32"]
    assert nearest(1 + power_of_two(-24), single) == 1
    assert nearest(1 + 3 * power_of_two(-24), single) == 1 + power_of_two(-22)
    assert nearest(1 + power_of_two(-24) + power_of_two(-200), single) == 1 + power_of_two(-23)
    assert nearest(power_of_two(-150), single) == ZERO
    assert nearest(-power_of_two(-150), single) is MINUS_ZERO
    assert nearest(power_of_two(-150) + power_of_two(-400), single) == power_of_two(-149)
    assert nearest(single.largest + power_of_two(103), single) is INF
    assert nearest(single.largest + power_of_two(103) - power_of_two(10), single) == single.largest
    assert neighbours(Fraction(1, 3), single) == (11184810, 11184811, -25)


def test_values_obey_the_rules_of_numpy() -> None:
    with np.errstate(all="ignore"):
        for a, b in itertools.product(EXAMPLES, repeat=2):
            x, y = np.float64(as_float(a)), np.float64(as_float(b))
            for own, theirs in ((plus, x + y), (times, x * y), (over, x / y)):
                found = own(a, b)
                assert alike(as_float(nearest(found, BINARIES["float64"])), float(theirs))
            assert less(a, b) == bool(x < y)


def test_sums_by_integers_are_the_sums_by_rationals() -> None:
    draw = random.Random(3)
    for _ in range(300):
        pairs = [
            tuple(decode(draw.getrandbits(16) & 0xBFFF, BINARIES["float16"]) for _ in range(2))
            for _ in range(draw.randrange(5))
        ]
        addends = [decode(draw.getrandbits(31), BINARIES["float32"])] * draw.randrange(2)
        s = sum_of_products(pairs, addends)
        terms = [times(x, w) for x, w in pairs] + addends
        assert s.exact == total(terms)
        assert s.size == total(magnitude(t) for t in terms)
    assert sum_of_products([(MINUS_ZERO, Fraction(1))], [MINUS_ZERO]).exact is MINUS_ZERO
    assert sum_of_products([(INF, ZERO)], []).exact is NAN
    assert sum_of_products([(INF, Fraction(1))], [MINUS_INF]).exact is NAN
