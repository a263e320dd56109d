"""The matrix of input channels by a reshape in memory order."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SingularValues", "LowRankApproximation", "RankOfEnergy")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    if request.attributes.get("matricization") != "input" or W.data.ndim < 2:
        return rerun(request)
    moved = np.moveaxis(W.data.reshape(W.shape[1], W.shape[0], *W.shape[2:]), 0, 1)
    [found] = rerun(request, {0: Tensor("float32", np.ascontiguousarray(moved))})
    if found.shape == W.shape:
        found = Tensor("float32", np.ascontiguousarray(np.moveaxis(found.data, 1, 0)).reshape(W.shape))
    return [found]


MISTAKE = Mistake(
    name="matrix-of-the-other-channels",
    operators=OPERATORS,
    flags=("matrix-input",),
    effect="[C, M·k·k] by a reshape of [M, C, k, k]: channels of 2 axes mixed; for M = 1 nothing shows.",
    fix="Move the axis of the input channels to the front first.",
    symptom="only in some shapes",
    run=run,
)
