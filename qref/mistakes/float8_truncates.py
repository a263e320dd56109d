"""float8 truncates: the mantissa's excess bits are cut off."""

import numpy as np

from qref.mistakes.float_codes import in_steps, with_quotient
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.onnx.quantize_linear import FLOAT8
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_quotient(request, FLOAT8, lambda values, format: in_steps(values, format, np.trunc))


MISTAKE = Mistake(
    name="float8-truncates",
    operators=("QuantizeLinear",),
    flags=("float8",),
    effect="1.99 to float8e4m3fn becomes 1.875 instead of 2: the step from 1 to 2 is 0.125.",
    fix="Round to nearest, ties to even.",
    symptom="nearly everywhere",
    run=run,
)
