"""QuantizeLinear with halves rounded away from zero, as C's round() and Rust's f32::round do."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    quotient = found.quotient()
    away = np.copysign(np.floor(np.abs(quotient) + 0.5), quotient)
    return found.saturated(away + found.zero_point)


MISTAKE = Mistake(
    name="quantize-half-away",
    operators=("QuantizeLinear",),
    flags=("tie", "negative-tie"),
    effect="With scale 0.5 inputs 0.25, 0.75, 1.25 become 1, 2, 3 (right: 0, 2, 2).",
    fix="Round to nearest, ties to even (nearbyint, rintf, cvtps2dq), before the zero point is added.",
    symptom="only at ties",
    run=run,
    seen_in=("microsoft/onnxruntime#25045", "sonos/tract#2850"),
    real=True,
)
