"""DynamicQuantizeLinear over a range symmetric about 0, with zero point 128."""

import numpy as np

from qref.mistakes.dynamic_quantizing import F32, outputs, values
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    scale = np.abs(x).max() / F32(127)
    return outputs(request, x, scale, F32(128))


MISTAKE = Mistake(
    name="dynamic-symmetric-range",
    operators=DYNAMIC,
    flags=("dynamic-range",),
    effect="x = [0, 1] gets scale 1/127 and zero point 128 (right: 1/255 and 0).",
    fix="Use the range from min(0, min x) to max(0, max x) and its zero point.",
    symptom="nearly everywhere",
    run=run,
)
