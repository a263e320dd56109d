"""A sparsity that grows in a straight line."""

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
    done = np.clip(np.floor(x), 0, n) / n
    s = s_f + (s_i - s_f) * (1 - done)
    return [Tensor("float32", np.asarray(s, np.float32))]


MISTAKE = Mistake(
    name="schedule-linear",
    operators=OPERATORS,
    flags=("schedule-cube",),
    effect="Half of the way sparsity is half of the final one, where 7/8 of it are right.",
    fix="Take the third power of what is left of the time.",
    symptom="nearly everywhere",
    run=run,
)
