"""Copies through arithmetic: every NaN becomes the canonical one."""

from math import nan

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Concat", "Flatten", "Pad", "Reshape"))
    (y,) = rerun(request)
    if y.dtype not in ("float16", "bfloat16", "float32"):
        return [y]
    canonical = encode(np.full(y.shape, nan), y.dtype)
    return [Tensor(y.dtype, np.where(np.isnan(decode(y)), canonical.data, y.data))]


MISTAKE = Mistake(
    name="nan-canonicalized",
    operators=("Concat", "Flatten", "Pad", "Reshape"),
    flags=("copied-bits",),
    effect="The NaN 0x7FC00001 becomes 0x7FC00000. Right for numbers and infinities.",
    fix="Move elements as integers, or with memcpy.",
    symptom="only at the ends of the range",
    run=run,
)
