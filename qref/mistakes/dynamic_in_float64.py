"""DynamicQuantizeLinear computed in float64, only the outputs rounded."""

import numpy as np

from qref.mistakes.dynamic_quantizing import F32, outputs, range_with_zero, values
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    low, high = (float(end) for end in range_with_zero(x))
    scale = (high - low) / 255
    zero_point = np.rint(np.clip(-low / scale, 0, 255))
    return outputs(request, x, F32(scale), zero_point, np.rint(x.astype(np.float64) / scale) + zero_point)


MISTAKE = Mistake(
    name="dynamic-in-float64",
    operators=DYNAMIC,
    flags=("dynamic-range", "near-tie"),
    effect=(
        "x = [−2.5, 2.5] gives −2.5 / scale = −127.5 and a tie, where float32 gives −127.49999: zero point and "
        "values move by one."
    ),
    fix="Round after each step to float32, as the function body does.",
    symptom="only near ties",
    run=run,
)
