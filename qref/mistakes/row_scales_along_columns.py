"""Row scales along columns: a_scale [M] is broadcast with y [M, N] by trailing dimensions."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("QLinearMatMul",))
    found = numbers(request)
    scale = found.x_scale
    if scale.ndim < 2 or scale.shape[-2] == 1:
        return from_numbers(request)
    if found.accumulator.shape[-1:] != scale.shape[-2:-1]:
        raise Unsupported(f"{scale.shape[-2]} scales do not broadcast with {list(found.accumulator.shape)}")
    return from_numbers(request, x_scale=np.swapaxes(scale, -1, -2))


MISTAKE = Mistake(
    name="row-scales-along-columns",
    operators=("QLinearMatMul",),
    flags=("per-row",),
    effect=(
        "Row scales [0.5, 2] with sums [[8, 8], [8, 8]] give rows of [4, 16] instead of [4, 4] and [16, 16]. Only a "
        "square y has a shape for it."
    ),
    fix="Give a 1-D a_scale the shape [M, 1].",
    symptom="only in some shapes",
    run=run,
)
