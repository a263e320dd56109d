"""quantizeₖ by truncation in place of rounding."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.low_bits import ACTIVATION, WEIGHT, data, gradients, levels, maximum, noise, share, squashed, weights
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DoReFaWeight", "DoReFaActivation", "DoReFaGradient")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    x = data(request)
    if request.op == WEIGHT:
        n = levels(request, least=2)
        return weights(request, np.floor(n * squashed(x)) / n)
    n = levels(request)
    if request.op == ACTIVATION:
        return [encode(np.floor(n * np.clip(x, 0, 1)) / n, "float32")]
    M = maximum(x)
    return gradients(x, M, np.floor(n * share(x, M) + noise(request, x.shape) - 0.5), n)


MISTAKE = Mistake(
    name="dorefa-truncates",
    operators=OPERATORS,
    flags=("dorefa-weight", "dorefa-activation", "dorefa-gradient"),
    effect="Numbers fall by half a step on average: 0.9 of 2 bits is 2/3, where 1 is right.",
    fix="Round to nearest, ties to even.",
    symptom="nearly everywhere",
    run=run,
)
