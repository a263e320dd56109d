"""The code of a grid by floor of the quotient in place of rounding."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers.grid import Grid

OPERATORS = ("GridQuantize",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    x, step = request.inputs
    assert x is not None and step is not None
    grid = Grid(request.attributes.get("grid", "signed"), request.attributes.get("bits", 8), float(step.data))
    if not grid.step:
        return [Tensor("int32", np.zeros(x.shape, np.int32))]
    q = np.floor(x.data.astype(np.float64) / grid.step)
    return [Tensor("int32", np.clip(q, grid.codes[0], grid.codes[-1]).astype(np.int32))]


MISTAKE = Mistake(
    name="grid-floors",
    operators=OPERATORS,
    flags=("grid-range", "grid-tie", "near-tie"),
    effect="1.9 steps become 1: every number moves down to the next level, half a step on average.",
    fix="Round to the nearest level: ⌊|x|/Δ + 1/2⌋ with the sign of x.",
    symptom="nearly everywhere",
    run=run,
)
