"""Profile: a complete requantization rule, from scales and an accumulator to the integer that is stored."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from qref.errors import OutsideDomain
from qref.numerics.formats import integer
from qref.numerics.saturation import saturate

Derived = Mapping[str, int | float | Fraction]


@dataclass(frozen=True)
class Profile:
    """A rule in two parts.

    `derive(x_scale, w_scale, y_scale)` gives the numbers an engine stores: a scale, or a multiplier and a shift.
    The scales are floats that hold the stored (float32 or narrower) scales exactly, finite and positive.
    `apply(accumulator, derived, zero_point, dtype)` gives the output integer. Both raise OutsideDomain where the
    rule is not defined.
    """

    name: str
    source: str
    derive: Callable[[float, float, float], Derived]
    apply: Callable[[int, Derived, int, str], int]


def clamp(value: int, dtype: str) -> int:
    """`value` saturated to the range of the integer format `dtype`."""
    format = integer(dtype)
    return saturate(value, format.lowest, format.highest)


def positive(*scales: float) -> None:
    """Raises OutsideDomain for a scale that is zero, negative, infinite or NaN: no rule says what it means."""
    for scale in scales:
        if not 0 < scale < math.inf:
            raise OutsideDomain(f"scale {scale}: give finite positive scales")


def int32(value: int, what: str) -> int:
    """`value`, which the rule computes in 32 bits. Raises OutsideDomain where it does not fit."""
    if not -(2**31) <= value < 2**31:
        raise OutsideDomain(f"{what} is {value}, beyond int32")
    return value
