"""Integers computed in float32."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import BINARY, computed, is_whole, saturated
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, (*BINARY, "PRelu", "Clip"))
    if not is_whole(request):
        return rerun(request)
    if request.op != "Clip":
        return [saturated(computed(request, np.float32), left_of(request).dtype)]
    y = left_of(request).data.astype(np.float32)
    for limit, hold in zip(request.inputs[1:], (np.maximum, np.minimum), strict=False):
        y = y if limit is None else hold(y, limit.data.astype(np.float32))
    return [saturated(y, left_of(request).dtype)]


MISTAKE = Mistake(
    name="integers-through-float32",
    operators=(*BINARY, "PRelu", "Clip"),
    flags=("wide-integers", "integers"),
    effect=(
        "2^24 + 1 and 0 make 16777216 instead of 16777217, in int32, uint32 and the 64-bit types. Integers of 8 and "
        "16 bits fit."
    ),
    fix="Compute integers in their own type.",
    symptom="only above 2^24",
    run=run,
)
