"""QuantizeLinear that saturates signed outputs at ±127."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    if not found.integers.signed:
        raise Unsupported(f"output {found.integers.name}: the mistake is one with signed outputs")
    held = np.clip(np.rint(found.quotient()) + found.zero_point, -found.integers.highest, found.integers.highest)
    return found.stored(held)


MISTAKE = Mistake(
    name="quantize-symmetric-range",
    operators=("QuantizeLinear",),
    flags=("saturation",),
    effect="−128 and everything below becomes −127 in int8 (right: −128).",
    fix="Saturate to the type's whole range, −128 … 127 for int8.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("microsoft/onnxruntime#3442", "microsoft/onnxruntime#3445"),
    real=True,
)
