"""DoReFa gradients with noise of the whole range in place of one step."""

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
    return gradients(dr, M, np.rint(n * (share(dr, M) + noise(request, dr.shape) - 0.5)), n)


MISTAKE = Mistake(
    name="dorefa-noise-not-scaled",
    operators=OPERATORS,
    flags=("dorefa-gradient",),
    effect="σ is added without its factor 1 / (2^k − 1): with more than one bit the noise is larger than the gradient.",
    fix="Divide σ by 2^k − 1, or add it after the product.",
    symptom="nearly everywhere",
    run=run,
)
