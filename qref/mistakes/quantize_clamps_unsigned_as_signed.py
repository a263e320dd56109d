"""QuantizeLinear that saturates an unsigned output to the signed range and stores that."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    if found.integers.signed:
        raise Unsupported(f"output {found.integers.name}: the mistake is one with unsigned outputs")
    half = 1 << (found.integers.bits - 1)
    held = np.clip(np.rint(found.quotient()) + found.zero_point, -half, half - 1).astype(np.int64)
    return found.stored(wrap(held, found.integers.bits, signed=False))


MISTAKE = Mistake(
    name="quantize-clamps-unsigned-as-signed",
    operators=("QuantizeLinear",),
    flags=("saturation", "default-zero-point"),
    effect="200 to uint8 becomes 127 (right: 200) and −5 becomes 251 (right: 0).",
    fix=("Take the range from the output's type, which is uint8 where neither zero point nor output_dtype is given."),
    symptom="only at the ends of the range",
    run=run,
    seen_in=("ooples/AiDotNet.Tensors#193",),
)
