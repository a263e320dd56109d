"""Half-wave quantization with 0 among the levels: small positive numbers become 0."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("HalfWaveQuantize",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    codes, values = rerun(request)
    x, levels = request.inputs
    assert x is not None and levels is not None
    lost = (codes.data == 1) & (2 * x.data.astype(np.float64) <= levels.data[0])
    return [
        Tensor("uint8", np.where(lost, 0, codes.data).astype(np.uint8)),
        Tensor("float32", np.where(lost, np.float32(0), values.data)),
    ]


MISTAKE = Mistake(
    name="half-wave-zero-as-a-level",
    operators=OPERATORS,
    flags=("half-wave",),
    effect="Positive numbers up to half of the first level become 0, as on an unsigned grid with the step of this one.",
    fix="Let the first interval begin at 0: t₁ = 0, and every positive x is a level.",
    symptom="nearly everywhere",
    run=run,
)
