"""`onnx`: the exact real acc · x_scale · w_scale / y_scale, rounded once, half to even, then the zero point.

ONNX QLinearMatMul-10: "y = saturate((x / y_scale) + y_zero_point). For (x / y_scale), it is rounding to nearest
ties to even"; QLinearConv has no formula of its own and is read the same way.
"""

from fractions import Fraction

from qref.numerics.profiles.profile import Derived, Profile, clamp, positive
from qref.numerics.rounding import half_even


def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
    """The exact ratio x_scale · w_scale / y_scale."""
    positive(x_scale, w_scale, y_scale)
    return {"scale": Fraction(x_scale) * Fraction(w_scale) / Fraction(y_scale)}


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """clamp(half_even(accumulator · scale) + zero_point)."""
    real = accumulator * Fraction(derived["scale"])
    return clamp(half_even(real.numerator, real.denominator) + zero_point, dtype)


ONNX = Profile("onnx", "ONNX QLinearMatMul-10, QLinearConv-10", derive, apply)
