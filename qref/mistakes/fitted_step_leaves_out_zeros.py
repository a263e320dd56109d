"""A step fitted to the numbers other than 0, also on a grid that has no 0 for them."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("GridFit",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [x] = request.inputs
    assert x is not None
    return rerun(request, {0: Tensor("float32", np.ascontiguousarray(x.data[x.data != 0]))})


MISTAKE = Mistake(
    name="fitted-step-leaves-out-zeros",
    operators=OPERATORS,
    flags=("grid-fit",),
    effect="0, 1 and −1/2 in one bit, mid-rise: the step is 1.5, and each 0 becomes 0.75; the best is 1.",
    fix="Count zeros: on a mid-rise grid they have level ±Δ/2, and pull the step down.",
    symptom="only at zero",
    run=run,
)
