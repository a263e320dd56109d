"""DoReFa gradients with noise of [0, 1) in place of [−1/2, 1/2)."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.low_bits import data, gradients, levels, maximum, noise, share
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DoReFaGradient",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    n, dr = levels(request), data(request)
    M = maximum(dr)
    return gradients(dr, M, np.rint(n * share(dr, M) + noise(request, dr.shape)), n)


MISTAKE = Mistake(
    name="dorefa-noise-from-zero",
    operators=OPERATORS,
    flags=("dorefa-gradient", "random-stream"),
    effect="Gradients rise by half a step on average, of 2 bits by M/3.",
    fix="Subtract 1/2 from the random number.",
    symptom="nearly everywhere",
    run=run,
)
