"""A step fitted to numbers so that the largest of them just reaches the last level."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers.grid import Grid

OPERATORS = ("GridFit",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [x] = request.inputs
    assert x is not None
    grid = Grid(request.attributes.get("grid", "signed"), request.attributes.get("bits", 8), 1.0)
    values = np.maximum(x.data, 0) if grid.kind == "unsigned" else np.abs(x.data)
    return [Tensor("float32", np.asarray(values.max(initial=0) / grid.last, np.float32))]


MISTAKE = Mistake(
    name="fitted-step-is-from-the-maximum",
    operators=OPERATORS,
    flags=("grid-fit", "outlier"),
    effect="The step is max |x| divided by the last code, 127 with 8 bits: nothing is clipped, the rest is coarse.",
    fix="Take the step of least squared error, Σ c|x| / Σ c² on the best of all pieces.",
    symptom="nearly everywhere",
    run=run,
)
