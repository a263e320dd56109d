"""Clip by fmax and fmin, which prefer a number to NaN."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import is_whole
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import raw
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Clip",))
    x, low, high = (*request.inputs, None, None)[:3]
    by = low if low is not None else high
    if x is None or by is None or is_whole(request):
        return rerun(request)
    values = raw(x)
    return rerun(request, inputs={0: encode(np.where(np.isnan(values), decode(by), values), x.dtype)})


MISTAKE = Mistake(
    name="clip-drops-nan",
    operators=("Clip",),
    flags=("not-a-number",),
    effect="NaN within [−1, 1] becomes −1 instead of NaN.",
    fix="Compare and choose: a NaN is neither below min nor above max.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("NVIDIA/TensorRT#4773", "onnx/onnx#6003"),
    real=True,
)
