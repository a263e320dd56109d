"""Masks change at multiples of Δt, not at t₀ + kΔt."""

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
    done = np.clip(t.data // every - given.get("begin", 0) // every, 0, n) / n
    s = s_f + (s_i - s_f) * (1 - done) ** 3
    return [Tensor("float32", np.asarray(s, np.float32))]


MISTAKE = Mistake(
    name="schedule-changes-at-multiples",
    operators=OPERATORS,
    flags=("schedule-between",),
    effect="From t₀ = 7 on, a change each 5 steps: the first comes at 10, not at 12.",
    fix="Count changes from t₀: ⌊(t − t₀)/Δt⌋, not ⌊t/Δt⌋ − ⌊t₀/Δt⌋.",
    symptom="nearly everywhere",
    run=run,
)
