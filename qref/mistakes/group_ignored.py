"""Group ignored: every group reads the channels of the first."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*CONVOLUTIONS, "ConvTranspose")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    at, group = POSITIONS[request.op].left, request.attributes.get("group", 1)
    x = request.inputs[at]
    assert x is not None
    first = x.data[:, : x.shape[1] // group]
    return rerun(request, inputs={at: Tensor(x.dtype, np.concatenate([first] * group, axis=1))})


MISTAKE = Mistake(
    name="group-ignored",
    operators=OPERATORS,
    flags=("group", "depthwise"),
    effect=(
        "The input channel's index starts at 0 in each group: with group 2 and one channel each, output channel 1 is "
        "computed from input channel 0."
    ),
    fix="Output channel m reads input channels from ⌊m / (M/group)⌋ · C/group on.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
