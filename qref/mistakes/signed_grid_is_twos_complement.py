"""The signed grid with −2^(n−1) as its lowest code, all that two's complement holds."""

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
    if grid.kind != "signed" or not grid.step:
        raise Unsupported("only signed grids lack the lowest code")
    [codes] = rerun(request)
    beyond = x.data.astype(np.float64) / grid.step <= -grid.top - 0.5
    return [Tensor("int32", np.where(beyond, -grid.top - 1, codes.data).astype(np.int32))]


MISTAKE = Mistake(
    name="signed-grid-is-twos-complement",
    operators=OPERATORS,
    flags=("grid-ends", "grid-range"),
    effect="The lowest code is −2^(n−1): one level more on the negative side, which the symmetric grid does not have.",
    fix="Clip to ±(2^(n−1) − 1).",
    symptom="only at the ends of the range",
    run=run,
)
