"""DoReFa activations that are rounded without being clipped to [0, 1]."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.low_bits import data, levels
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DoReFaActivation",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    n = levels(request)
    return [encode(np.rint(n * data(request)) / n, "float32")]


MISTAKE = Mistake(
    name="dorefa-activation-not-clipped",
    operators=OPERATORS,
    flags=("dorefa-activation",),
    effect="Numbers beyond [0, 1] stay there, on codes that k bits do not have.",
    fix="Clip to [0, 1] first.",
    symptom="only at the ends of the range",
    run=run,
)
