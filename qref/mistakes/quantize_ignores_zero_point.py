"""QuantizeLinear that never adds the zero point."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    return found.saturated(np.rint(found.quotient()))


MISTAKE = Mistake(
    name="quantize-ignores-zero-point",
    operators=("QuantizeLinear",),
    flags=("zero-point", "zero-point-ends"),
    effect="5 with zero point 128 is stored as 5 (right: 133).",
    fix="Add y_zero_point after rounding, before saturation.",
    symptom="only with a zero point",
    run=run,
)
