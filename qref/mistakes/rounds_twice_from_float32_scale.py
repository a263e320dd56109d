"""Two roundings with a multiplier taken from the float32 scale: only 24 of its 31 bits carry anything."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule
from qref.numerics.profiles import TFLITE_DOUBLE, Derived, Profile
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
    """Multiplier and shift of float32(float32(x_scale · w_scale) / y_scale): its mantissa · 2⁷."""
    with np.errstate(all="ignore"):
        scale = np.float32(x_scale) * np.float32(w_scale) / np.float32(y_scale)
    if not np.finfo(np.float32).tiny <= scale < np.inf:
        raise Unsupported(f"the float32 scale is {scale!s}: the mistake has no answer here")
    return TFLITE_DOUBLE.derive(float(scale), 1.0, 1.0)


RULE = Profile("rounds-twice-from-float32-scale", "a mistake", derive, TFLITE_DOUBLE.apply)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="rounds-twice-from-float32-scale",
    operators=OPERATORS,
    flags=("double-rounding", "near-tie"),
    effect=(
        "Multipliers differ from the double derivation's by up to 128 units: 1/3 is 1431655808 instead of "
        "1431655765, and values near a tie move by one."
    ),
    fix="Derive the multiplier in double: double(x_scale) · double(w_scale) / double(y_scale).",
    symptom="only near ties",
    run=run,
    seen_in=("tensorflow/tflite-micro#1500", "tensorflow/tensorflow#42648", "apache/tvm#10817"),
    real=True,
)
