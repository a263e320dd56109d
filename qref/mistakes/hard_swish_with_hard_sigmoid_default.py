"""HardSwish as x · HardSigmoid(x) with HardSigmoid's own default slope, 0.2."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.onnx.hard_swish import swish
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("HardSwish",))
    x = left_of(request)
    return [encode(swish(raw(x), float(np.float32(0.2)), x.dtype), x.dtype)]


MISTAKE = Mistake(
    name="hard-swish-with-hard-sigmoid-default",
    operators=("HardSwish",),
    flags=("slope",),
    effect="1 becomes 0.7 instead of 0.6666667. Right at 0, from 3 up and from −3 down.",
    fix="HardSwish's alpha is 1/6.",
    symptom="nearly everywhere",
    run=run,
)
