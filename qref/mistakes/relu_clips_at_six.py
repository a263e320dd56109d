"""Relu held below 6, the fused activation of mobile networks."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import is_whole, replaced
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Relu",))
    (y,) = rerun(request)
    if is_whole(request):
        return [Tensor(y.dtype, np.minimum(y.data, 6).astype(y.data.dtype))]
    return replaced(request, decode(y) > 6, 6.0)


MISTAKE = Mistake(
    name="relu-clips-at-six",
    operators=("Relu",),
    flags=("special-values", "integers"),
    effect="7.5 becomes 6. Right for every x up to 6.",
    fix="Fuse a plain Relu: no upper limit.",
    symptom="only at the ends of the range",
    run=run,
)
