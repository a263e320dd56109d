"""Half-wave quantization by x ≥ t: a midpoint goes to the level above."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("HalfWaveQuantize",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    x, levels = request.inputs
    assert x is not None and levels is not None
    q = levels.data.astype(np.float64)
    up = np.searchsorted((q[1:] + q[:-1]) / 2, x.data.astype(np.float64), side="right") + 1
    up = np.where(x.data > 0, up, 0)
    return [Tensor("uint8", up.astype(np.uint8)), Tensor("float32", np.append(np.float32(0), levels.data)[up])]


MISTAKE = Mistake(
    name="half-wave-midpoints-go-up",
    operators=OPERATORS,
    flags=("tie",),
    effect="0.375 between the levels 0.25 and 0.5 becomes 0.5, where 0.25 is right.",
    fix="Close intervals on the right: x in (tᵢ, tᵢ₊₁] is qᵢ.",
    symptom="only at ties",
    run=run,
)
