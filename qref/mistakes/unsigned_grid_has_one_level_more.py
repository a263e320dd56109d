"""The unsigned grid with 2^n steps: its last level 2^n·Δ, which has no code of n bits."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
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
    if grid.kind != "unsigned" or not grid.step:
        raise Unsupported("only of unsigned grids")
    [codes] = rerun(request)
    beyond = x.data.astype(np.float64) / grid.step >= grid.top + 0.5
    return [Tensor("int32", np.where(beyond, grid.top + 1, codes.data).astype(np.int32))]


MISTAKE = Mistake(
    name="unsigned-grid-has-one-level-more",
    operators=OPERATORS,
    flags=("grid-ends", "grid-range"),
    effect="The range is cut into 2^n steps, and the last code is 2^n: it takes n + 1 bits, or wraps to 0.",
    fix="2^n levels have 2^n − 1 steps between them: clip to 2^n − 1.",
    symptom="only at the ends of the range",
    run=run,
)
