"""`tflite-single`: one rounding of a 64-bit product, ties toward +∞; TFLite and CMSIS-NN built for single rounding.

TensorFlow Lite, kernels/internal/common.cc, MultiplyByQuantizedMultiplier under TFLITE_SINGLE_ROUNDING, and
QuantizeMultiplier of quantization_util.cc, which then saturates a shift above 30.
"""

from qref.errors import OutsideDomain
from qref.numerics.fixed_point import INT32_MAX, INT64_MAX, INT64_MIN, quantize_multiplier
from qref.numerics.profiles.profile import Derived, Profile, clamp, int32, positive


def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
    """multiplier (2³⁰ to 2³¹−1, or 0) and shift (positive to the left), −31 to 30."""
    positive(x_scale, w_scale, y_scale)
    multiplier, shift = quantize_multiplier(x_scale * w_scale / y_scale)
    if shift > 30:
        multiplier, shift = INT32_MAX, 30
    return {"multiplier": multiplier, "shift": shift}


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """(acc · m + 2^(total − 1)) >> total with total = 31 − shift, plus zero_point, clamped."""
    multiplier, total = int(derived["multiplier"]), 31 - int(derived["shift"])
    rounded = int32(accumulator, "the accumulator") * multiplier + (1 << (total - 1))
    if not INT64_MIN <= rounded <= INT64_MAX:
        raise OutsideDomain(f"the rounded product is {rounded}, beyond int64")
    scaled = int32(rounded >> total, "the scaled value")
    return clamp(int32(scaled + zero_point, "the scaled value plus zero point"), dtype)


TFLITE_SINGLE = Profile("tflite-single", "TensorFlow Lite, TFLITE_SINGLE_ROUNDING", derive, apply)
