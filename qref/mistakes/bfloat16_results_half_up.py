"""Results rounded to bfloat16 by adding 0x8000 and shifting: ties away from zero."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import ONE_OPERATION, computed
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ONE_OPERATION)
    if left_of(request).dtype != "bfloat16":
        return rerun(request)
    with np.errstate(over="ignore"):
        result = computed(request).astype(np.float32)
    added = (result.view(np.uint32) + np.uint32(0x8000)) & np.uint32(0xFFFF0000)
    values = np.where(np.isfinite(result), added.view(np.float32), result)
    return [encode(values.astype(np.float64), "bfloat16")]


MISTAKE = Mistake(
    name="bfloat16-results-half-up",
    operators=ONE_OPERATION,
    flags=("bfloat16", "float-tie"),
    effect="1 + 2^-8, a tie, becomes 1.0078125 instead of 1. Right everywhere but at ties.",
    fix="Add 0x7FFF and the last kept bit instead of 0x8000.",
    symptom="only at ties",
    run=run,
)
