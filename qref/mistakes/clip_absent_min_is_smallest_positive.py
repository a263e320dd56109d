"""Clip without min takes numeric_limits<float>::min(), the smallest positive normal number."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import is_whole
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Clip",))
    x, low = (*request.inputs, None)[:2]
    if x is None or low is not None or is_whole(request):
        return rerun(request)
    least = float_format(x.dtype).smallest_normal
    if request.opset == 6:
        return rerun(request, attributes={"min": request.attributes.get("min", least)})
    return rerun(request, inputs={1: encode(np.asarray(least), x.dtype)})


MISTAKE = Mistake(
    name="clip-absent-min-is-smallest-positive",
    operators=("Clip",),
    flags=("absent-limit",),
    effect="Without min, −3 becomes 1.18e-38 instead of −3. Right where min is given, and for integers.",
    fix="numeric_limits<float>::lowest() is the lowest number.",
    symptom="only negative values",
    run=run,
    seen_in=("ROCm/AMDMIGraphX#455",),
)
