"""Scale and zero point of a range, zero represented exactly.

Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference", 2018,
section 2.1: r = S·(q − Z) with an integer Z. ONNX DynamicQuantizeLinear-11 for uint8, in one rounding each.
"""

from fractions import Fraction

from qref.errors import InvalidInput
from qref.numerics.floats import float_format, nearest
from qref.numerics.rounding import half_even

FLOAT32 = float_format("float32")
LIMITS = {"uint8": (0, 255), "int8": (-128, 127)}


def scale_of_range(lowest: float, highest: float, dtype: str = "uint8", symmetric: bool = False) -> tuple[float, int]:
    """S, a float32 value, and Z.

    Asymmetric: S = (highest − lowest)/255 rounded once, Z = q_min − lowest/S, half to even, within the type. Symmetric:
    S is the larger magnitude over 127, Z is 0 for int8 and 128 for uint8. Both of the range widened to hold zero. A
    scale that would be zero or subnormal is 1, and Z then 0 (128 for symmetric uint8).

    Args:
        lowest, highest: finite float32 values, lowest ≤ highest. dtype: "uint8" or "int8".

    Raises:
        InvalidInput: lowest is above highest, or another type.
    """
    if dtype not in LIMITS:
        raise InvalidInput(f"type is {dtype!r}: give {' or '.join(LIMITS)}")
    if not lowest <= highest:
        raise InvalidInput(f"lowest is {lowest}, highest is {highest}: give lowest ≤ highest")
    low, high = Fraction(min(lowest, 0.0)), Fraction(max(highest, 0.0))
    middle = 128 if dtype == "uint8" else 0
    span = max(-low, high) / 127 if symmetric else (high - low) / 255
    scale = nearest(span, FLOAT32)
    if scale < FLOAT32.smallest_normal:
        return 1.0, middle if symmetric else 0
    if symmetric:
        return scale, middle
    q_min, q_max = LIMITS[dtype]
    ratio = q_min - low / Fraction(scale)
    return scale, min(max(half_even(ratio.numerator, ratio.denominator), q_min), q_max)
