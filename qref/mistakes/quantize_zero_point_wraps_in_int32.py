"""QuantizeLinear that converts the quotient to int32, saturating, and adds the zero point in int32, which wraps."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    held = np.clip(np.rint(found.quotient()), -(2.0**31), 2.0**31 - 1)
    wrapped = (held + found.zero_point + 2.0**31) % 2.0**32 - 2.0**31
    return found.saturated(wrapped)


MISTAKE = Mistake(
    name="quantize-zero-point-wraps-in-int32",
    operators=("QuantizeLinear",),
    flags=("saturation", "zero-point", "infinity"),
    effect=(
        "+∞, or 3·10⁹ with scale 1, becomes 0 in uint8 with zero point 1: 2147483647 + 1 wraps to −2147483648 (right: "
        "255). Right where zero point and quotient differ in sign."
    ),
    fix="Clamp to the output's range before the conversion, or add the zero point in 64 bits.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("pytorch/pytorch#60079",),
    real=True,
)
