"""float8 low bits ignored: only five bits below the half decide whether a value is a tie."""

import numpy as np

from qref.mistakes.float_codes import Values, with_quotient
from qref.mistakes.mistake import Mistake
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

KEPT = 9  # bits of the mantissa: three of the code, the half, and the five of the mask 0x7C000


def without_low_bits(values: Values, format: Float) -> Values:
    """Normal numbers cut to nine bits of mantissa."""
    _, e = np.frexp(values)
    normal = np.isfinite(values) & (e - 1 >= format.lowest_exponent)
    held = np.where(normal, values, 0.0)
    return np.where(normal, np.ldexp(np.trunc(np.ldexp(held, KEPT - e + 1)), e - 1 - KEPT), values)


def run(request: Request) -> list[Tensor]:
    return with_quotient(request, ("float8e4m3fn", "float8e4m3fnuz"), without_low_bits)


MISTAKE = Mistake(
    name="float8-low-bits-ignored",
    operators=("QuantizeLinear",),
    flags=("float8", "near-tie"),
    effect=(
        "1.8131605, just above the middle of 1.75 and 1.875, becomes 1.75 in float8e4m3fn: a mask of the float32 "
        "mantissa leaves out its low 14 bits, and the value passes for a tie."
    ),
    fix="Let every bit below the half decide: mask 0x7FFFF of a float32.",
    symptom="only near ties",
    run=run,
    seen_in=("microsoft/onnxruntime#16938", "onnx/onnx#5456"),
    real=True,
)
