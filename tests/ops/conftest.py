"""What the tests of float operators share: the nearest number of a format, on exact rationals."""

import math
from collections.abc import Callable
from fractions import Fraction

import pytest

# name: significand bits, exponent of the smallest normal number, largest number
FORMATS = {
    "float16": (11, -14, 65504.0),
    "bfloat16": (8, -126, (2 - 2**-7) * 2.0**127),
    "float32": (24, -126, (2 - 2**-23) * 2.0**127),
    "float8e4m3fn": (4, -6, 448.0),
    "float8e4m3fnuz": (4, -7, 240.0),
    "float8e5m2": (3, -14, 57344.0),
    "float8e5m2fnuz": (3, -15, 57344.0),
    "float4e2m1": (2, 0, 6.0),
}

Nearest = Callable[[Fraction | float, str], float]


@pytest.fixture(scope="session")
def nearest() -> Nearest:
    """The nearest number of a format, half to even; infinity where it would be beyond the largest."""

    def nearest(value: Fraction | float, name: str) -> float:
        if isinstance(value, float) and not math.isfinite(value):
            return value
        precision, smallest, largest = FORMATS[name]
        exact = Fraction(value)
        exponent = abs(exact.numerator).bit_length() - exact.denominator.bit_length()  # right, or one too large
        if Fraction(2) ** exponent > abs(exact):
            exponent -= 1
        step = Fraction(2) ** (max(exponent, smallest) - precision + 1)
        rounded = round(exact / step) * step
        return math.copysign(math.inf, exact) if abs(rounded) > Fraction(largest) else float(rounded)

    return nearest
