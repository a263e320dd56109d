"""Bias restarts in each group: it is indexed by the output channel's place in its group."""

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.bias import WITH_BIAS, bias_of
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias_of(request, WITH_BIAS)
    at, group = POSITIONS[request.op].bias, request.attributes.get("group", 1)
    assert at is not None
    B = request.inputs[at]
    assert B is not None
    first = B.data[: B.data.size // group]
    return rerun(request, inputs={at: Tensor(B.dtype, np.concatenate([first] * group))})


MISTAKE = Mistake(
    name="bias-restarts-in-each-group",
    operators=WITH_BIAS,
    flags=("bias", "group", "depthwise"),
    effect="With group 2 and B = [10, 20, 30, 40] channels 2 and 3 are computed with 10 and 20. Right for one group.",
    fix="Index the bias by g·M/G + m.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("robertknight/rten#1408", "OAID/Tengine#5"),
    real=True,
)
