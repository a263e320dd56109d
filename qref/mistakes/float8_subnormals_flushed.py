"""float8 subnormals flushed: what is below the smallest normal number becomes zero."""

import numpy as np

from qref.mistakes.float_codes import Values, with_quotient
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import round_to
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.onnx.quantize_linear import FLOAT8
from qref.ops.request import Request


def flushed(values: Values, format: Float) -> Values:
    rounded = round_to(values, format)
    return np.where(np.abs(rounded) < format.smallest_normal, np.copysign(0.0, values), rounded)


def run(request: Request) -> list[Tensor]:
    return with_quotient(request, FLOAT8, flushed)


MISTAKE = Mistake(
    name="float8-subnormals-flushed",
    operators=("QuantizeLinear",),
    flags=("float8", "subnormal"),
    effect="float8e4m3fn ends at 2⁻⁶ instead of 2⁻⁹: 0.01 becomes 0 instead of 0.009765625.",
    fix="Round numbers below 2⁻⁶ (e4m3fn; 2⁻¹⁴ for e5m2) to multiples of the smallest step.",
    symptom="only in one number format",
    run=run,
)
