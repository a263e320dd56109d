"""float8e5m2 that rounds in the code: the carry out of the largest number runs past infinity into NaN."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

NEXT = 65536.0  # where the number after the largest would be


def run(request: Request) -> list[Tensor]:
    """With saturate 0, what lies below 2^16 and rounds up to it becomes NaN instead of infinity."""
    found = quantization(request)
    if found.right.dtype != "float8e5m2" or found.saturate:
        raise Unsupported(f"output {found.right.dtype}: the mistake is with float8e5m2 and saturate 0")
    quotient = found.quotient()
    infinite = (found.right.data & 0x7F) == 0x7C
    carried = infinite & (np.abs(quotient) < NEXT)
    sign = np.where(np.signbit(quotient), 0x80, 0)
    return [Tensor("float8e5m2", np.where(carried, 0x7F | sign, found.right.data).astype(np.uint8))]


MISTAKE = Mistake(
    name="float8-overflow-carries-into-nan",
    operators=("QuantizeLinear",),
    flags=("float8", "saturation", "tie"),
    effect=(
        "With saturate 0, 61440 rounds to 65536 and is beyond float8e5m2: it becomes the code 0x7F, NaN, instead of "
        "0x7C, infinity. From 65536 on the answer is right."
    ),
    fix="Test the rounded value, not the value before rounding, against the largest number.",
    symptom="only at the ends of the range",
    run=run,
)
