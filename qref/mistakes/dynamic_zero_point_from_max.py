"""DynamicQuantizeLinear whose zero point is 255 − max / scale."""

import numpy as np

from qref.mistakes.dynamic_quantizing import F32, outputs, range_with_zero, scale_of, values
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    scale = scale_of(x)
    _, high = range_with_zero(x)
    zero_point = np.rint(np.clip(F32(255) - high / scale, F32(0), F32(255)))
    return outputs(request, x, scale, zero_point)


MISTAKE = Mistake(
    name="dynamic-zero-point-from-max",
    operators=DYNAMIC,
    flags=("dynamic-range", "near-tie", "tie"),
    effect=(
        "x = [−2.5, 2.5]: 255 − 127.49999 = 127.50001 gives zero point 128, 0 + 127.49999 gives 127, which is "
        "right; every output moves by one."
    ),
    fix="Compute 0 − min / scale, as the function body does.",
    symptom="only near ties",
    run=run,
    seen_in=("pytorch/pytorch#32479",),
)
