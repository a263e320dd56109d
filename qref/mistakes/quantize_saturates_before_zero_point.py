"""QuantizeLinear that saturates the rounded quotient, adds the zero point and saturates again."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    format = found.integers
    held = np.clip(np.rint(found.quotient()), format.lowest, format.highest)
    return found.saturated(held + found.zero_point)


MISTAKE = Mistake(
    name="quantize-saturates-before-zero-point",
    operators=("QuantizeLinear",),
    flags=("saturation", "zero-point", "zero-point-ends"),
    effect=(
        "−50 to uint8 with zero point 128 becomes 0 + 128 (right: 78); 200 to int8 with zero point −100 becomes "
        "27 (right: 100)."
    ),
    fix="Add the zero point in 32 bits and saturate once, after it.",
    symptom="only with a zero point",
    run=run,
)
