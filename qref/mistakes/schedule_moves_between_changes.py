"""A sparsity that moves at every step."""

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
    s = s_f + (s_i - s_f) * (1 - np.clip(x, 0, n) / n) ** 3
    return [Tensor("float32", np.asarray(s, np.float32))]


MISTAKE = Mistake(
    name="schedule-moves-between-changes",
    operators=OPERATORS,
    flags=("schedule-between",),
    effect="A mask made anew at each step, not one in 100, removes weights before others could make up for them.",
    fix="Take the time of the last change: t₀ + Δt·⌊(t − t₀)/Δt⌋.",
    symptom="nearly everywhere",
    run=run,
)
