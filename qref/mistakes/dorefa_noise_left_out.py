"""DoReFa gradients rounded without noise."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.low_bits import data, gradients, levels, maximum, share
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DoReFaGradient",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    n, dr = levels(request), data(request)
    M = maximum(dr)
    return gradients(dr, M, np.rint(n * share(dr, M)), n)


MISTAKE = Mistake(
    name="dorefa-noise-left-out",
    operators=OPERATORS,
    flags=("dorefa-gradient",),
    effect=(
        "Small gradients always become the same level: of 2 bits M/100 is M/3, and the expectation is "
        "no more the gradient."
    ),
    fix="Add N(k) before rounding.",
    symptom="nearly everywhere",
    run=run,
)
