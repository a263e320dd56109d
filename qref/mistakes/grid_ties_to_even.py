"""A grid rounded by a library's `round`, half to even, in place of half away from zero."""

import numpy as np

from qref.errors import Unsupported
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
    if not grid.step or grid.kind == "mid-rise":
        raise Unsupported("a mid-rise grid takes no round, and a step of 0 no quotient")
    q = np.rint(x.data.astype(np.float64) / grid.step)
    return [Tensor("int32", np.clip(q, grid.codes[0], grid.codes[-1]).astype(np.int32))]


MISTAKE = Mistake(
    name="grid-ties-to-even",
    operators=OPERATORS,
    flags=("grid-tie",),
    effect="NumPy's and torch's round take 0.5 to 0 and 2.5 to 2; the formula ⌊|x|/Δ + 1/2⌋ gives 1 and 3.",
    fix="Add 1/2 to the magnitude and take the floor.",
    symptom="only at ties",
    run=run,
)
