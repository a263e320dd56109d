"""Reshape and Flatten of a tensor that is kept with its channels last: elements come in that order."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Flatten", "Reshape"))
    (y,), x = rerun(request), left_of(request)
    if len(x.shape) < 3:
        return [y]
    return [Tensor(y.dtype, np.moveaxis(x.data, 1, -1).reshape(y.shape))]


MISTAKE = Mistake(
    name="reshape-channels-last",
    operators=("Flatten", "Reshape"),
    flags=("inferred-dimension", "flatten-axis"),
    effect=(
        "[1, 2, 2] with channels [1, 2] and [3, 4] becomes [1, 3, 2, 4] instead of [1, 2, 3, 4]. Right for one "
        "channel or one element a channel."
    ),
    fix="Bring channels back to axis 1 first, or permute the weights that follow.",
    symptom="only in some shapes",
    run=run,
    seen_in=("microsoft/MMdnn#250",),
)
