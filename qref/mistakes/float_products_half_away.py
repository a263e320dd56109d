"""(acc · (x_scale · w_scale)) · (1 / y_scale) in float32, rounded half away from zero."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, whole
from qref.numerics.formats import integer
from qref.numerics.profiles import Derived, Profile
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
    """float32(x_scale · w_scale) and float32(1 / y_scale)."""
    with np.errstate(all="ignore"):
        scale_in = np.float32(x_scale) * np.float32(w_scale)
        return {"in": float(scale_in), "out": float(np.float32(1) / np.float32(y_scale))}


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """roundf((acc · in) · out) + zero_point."""
    with np.errstate(all="ignore"):
        real = (np.float32(accumulator) * np.float32(derived["in"])) * np.float32(derived["out"])
    magnitude = whole(np.floor(np.abs(float(real)) + 0.5))
    return hold((magnitude if real >= 0 else -magnitude) + zero_point, integer(dtype))


RULE = Profile("float-products-half-away", "a mistake", derive, apply)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="float-products-half-away",
    operators=OPERATORS,
    flags=("tie", "near-tie", "scale-order"),
    effect="2.5 becomes 3, and with y_scale 0.1, whose reciprocal is inexact, near ties move as well.",
    fix="Combine the scales once and round half to even.",
    symptom="only near ties",
    run=run,
)
