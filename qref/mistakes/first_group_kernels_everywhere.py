"""First group's kernels everywhere: the offset of a group in the weights is missing."""

import numpy as np

from qref.mistakes.kernels import with_kernels
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*CONVOLUTIONS, "ConvTranspose")


def run(request: Request) -> list[Tensor]:
    group = request.attributes.get("group", 1)

    def first(w: Array) -> Array:
        return np.concatenate([w[: len(w) // group]] * group)

    return with_kernels(request, first, OPERATORS)


MISTAKE = Mistake(
    name="first-group-kernels-everywhere",
    operators=OPERATORS,
    flags=("group", "depthwise"),
    effect=(
        "All groups use the weights of group 0: depthwise with kernels [1] and [2] multiplies channel 1 by 1 instead "
        "of 2. Right for one group."
    ),
    fix="Advance the weights by their number in a group as the image by its channels.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
