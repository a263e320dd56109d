"""Nothing is removed before the schedule begins, whatever the initial sparsity."""

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
    n, every, begin = given.get("changes", 1), given.get("every", 1), given.get("begin", 0)
    done = np.clip(np.floor((t.data.astype(np.float64) - begin) / every), 0, n) / n
    s = np.where(t.data < begin, 0, s_f + (s_i - s_f) * (1 - done) ** 3)
    return [Tensor("float32", np.asarray(s, np.float32))]


MISTAKE = Mistake(
    name="schedule-dense-before-its-beginning",
    operators=OPERATORS,
    flags=("schedule-ends",),
    effect="A network of initial sparsity 0.25 has sparsity 0 until t₀: its removed weights come back.",
    fix="Hold s_i before t₀.",
    symptom="only at the ends of the range",
    run=run,
)
