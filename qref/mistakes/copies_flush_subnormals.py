"""Copies through arithmetic that flushes subnormal numbers to zero."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import decode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Concat", "Flatten", "Pad", "Reshape"))
    (y,) = rerun(request)
    if y.dtype not in ("float16", "bfloat16", "float32"):
        return [y]
    small = np.abs(decode(y)) < float_format(y.dtype).smallest_normal
    return [Tensor(y.dtype, np.where(small, np.zeros_like(y.data), y.data))]


MISTAKE = Mistake(
    name="copies-flush-subnormals",
    operators=("Concat", "Flatten", "Pad", "Reshape"),
    flags=("copied-bits", "subnormal"),
    effect="1e-45 becomes 0, and −0 becomes +0. Right for normal numbers.",
    fix="Move elements as integers, or with memcpy.",
    symptom="only at the ends of the range",
    run=run,
)
