"""A multiplier whose fraction rounds up to 2³¹ is stored as it is, and int32 makes −2³¹ of it."""

import math
from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule
from qref.numerics.profiles import ONNX, Derived, Profile
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
    """The exact scale, but −2^e where the fraction of M = f · 2^e rounds to 2³¹ in 31 bits."""
    fraction, e = math.frexp(x_scale * w_scale / y_scale)
    if math.floor(fraction * 2.0**31 + 0.5) == 2**31:
        return {"scale": -(Fraction(2) ** e)}
    return ONNX.derive(x_scale, w_scale, y_scale)


RULE = Profile("multiplier-not-renormalized", "a mistake", derive, ONNX.apply)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="multiplier-not-renormalized",
    operators=OPERATORS,
    flags=("multiplier-rounds-up",),
    effect=(
        "A combined scale of 1 − 2⁻³² has the fraction 2³¹ − 1/2, which rounds to 2³¹ and overflows int32: 100 becomes "
        "−100."
    ),
    fix="Where the rounded fraction is 2³¹, halve it and raise the exponent, as TFLite's QuantizeMultiplier does.",
    symptom="nearly everywhere",
    run=run,
)
