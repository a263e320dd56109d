"""A schedule that goes on before its first change and after its last."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("GradualSparsity",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    t, given = request.inputs[0], request.attributes
    assert t is not None
    s_i, s_f = float(given.get("initial", 0.0)), float(given.get("final", 0.5))
    n, every = given.get("changes", 1), given.get("every", 1)
    x = (t.data.astype(np.float64) - given.get("begin", 0)) / every
    s = s_f + (s_i - s_f) * (1 - np.floor(x) / n) ** 3
    return [Tensor("float32", np.asarray(s, np.float32))]


MISTAKE = Mistake(
    name="schedule-not-clamped",
    operators=OPERATORS,
    flags=("schedule-ends",),
    effect="After twice the time the cube is −1 and sparsity 2·s_f − s_i: 1 for 0 and 0.5. Before it is negative.",
    fix="Hold s_i before t₀ and s_f after t₀ + nΔt.",
    symptom="only at the ends of the range",
    run=run,
)
