"""Scales replaced by reciprocals of reciprocals, multiplied one by one; the zero point added before rounding."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, whole
from qref.numerics.formats import integer
from qref.numerics.profiles import Derived, Profile
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
    """float32(1 / float32(1 / s)) for the inputs' scales, float32(1 / y_scale)."""
    one = np.float32(1)
    with np.errstate(all="ignore"):
        x, w = (one / (one / np.float32(scale)) for scale in (x_scale, w_scale))
        return {"x": float(x), "w": float(w), "y": float(one / np.float32(y_scale))}


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """rint(((acc · x) · w) · y + zero_point), each step in float32."""
    x, w, y = (np.float32(derived[key]) for key in ("x", "w", "y"))
    with np.errstate(all="ignore"):
        real = ((np.float32(accumulator) * x) * w) * y + np.float32(zero_point)
    return hold(whole(np.rint(real)), integer(dtype))


RULE = Profile("reciprocals-of-scales", "a mistake", derive, apply)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="reciprocals-of-scales",
    operators=OPERATORS,
    flags=("near-tie", "scale-order", "zero-point"),
    effect="0.1 · w / y with five float32 roundings before the last: values within some 10⁻⁷ of a tie move by one.",
    fix="Combine the scales once, x_scale · w_scale / y_scale, and add the zero point after rounding.",
    symptom="only near ties",
    run=run,
)
