"""`tflite-double`: gemmlowp's two roundings, the TensorFlow Lite reference kernels' and CMSIS-NN's default.

TensorFlow Lite, kernels/internal/common.cc, MultiplyByQuantizedMultiplier (double rounding), and QuantizeMultiplier of
quantization_util.cc on the multiplier double(x_scale) · double(w_scale) / double(y_scale).
"""

from qref.errors import OutsideDomain
from qref.numerics.fixed_point import (
    quantize_multiplier,
    rounding_divide_by_pot,
    saturating_rounding_doubling_high_mul,
)
from qref.numerics.profiles.profile import Derived, Profile, clamp, int32, positive


def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
    """multiplier (2³⁰ to 2³¹−1, or 0) and shift (positive to the left), −31 to 30."""
    positive(x_scale, w_scale, y_scale)
    multiplier, shift = quantize_multiplier(x_scale * w_scale / y_scale)
    if shift > 30:
        raise OutsideDomain(f"shift {shift}: 1 << shift is no int32")
    return {"multiplier": multiplier, "shift": shift}


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """RoundingDivideByPOT(SaturatingRoundingDoublingHighMul(acc · 2^left, m), right) + zero_point, clamped."""
    multiplier, shift = int(derived["multiplier"]), int(derived["shift"])
    left, right = max(shift, 0), max(-shift, 0)
    shifted = int32(int32(accumulator, "the accumulator") << left, "accumulator · 2^shift")
    high = saturating_rounding_doubling_high_mul(shifted, multiplier)
    scaled = rounding_divide_by_pot(high, right)
    return clamp(int32(scaled + zero_point, "the scaled value plus zero point"), dtype)


TFLITE_DOUBLE = Profile("tflite-double", "TensorFlow Lite MultiplyByQuantizedMultiplier; gemmlowp", derive, apply)
