"""DoReFa gradients scaled by the maximum of the whole minibatch."""

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
    M = np.full_like(maximum(dr), np.abs(dr).max(initial=0.0))
    return gradients(dr, M, np.rint(n * share(dr, M) + noise(request, dr.shape) - 0.5), n)


MISTAKE = Mistake(
    name="dorefa-maximum-of-whole-batch",
    operators=OPERATORS,
    flags=("dorefa-gradient",),
    effect=(
        "Gradients up to 0.001 in an instance beside one with a gradient of 1 become ±1/3 of 2 bits: "
        "their grid is far too coarse."
    ),
    fix="Take the maximum of each instance: over all axes but the first.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
