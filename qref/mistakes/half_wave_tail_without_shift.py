"""A log-tailed gradient of 1/x beyond the last level, whatever that is."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("HalfWaveBackward",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    x, g, levels = request.inputs
    assert x is not None and g is not None and levels is not None
    right = rerun(request)
    if request.attributes.get("approximation", "clipped-relu") != "log-tailed-relu":
        return right
    tail = x.data > levels.data[-1]
    wrong = g.data / np.where(tail, x.data, np.float32(1))
    return [Tensor("float32", np.where(tail, wrong, right[0].data).astype(np.float32))]


MISTAKE = Mistake(
    name="half-wave-tail-without-shift",
    operators=OPERATORS,
    flags=("half-wave-backward",),
    effect="The slope jumps at the last level unless that is 1: from 1 to 1/qₘ.",
    fix="Shift the logarithm: 1 / (x − τ), τ = qₘ − 1, which is 1 at qₘ.",
    symptom="only at the ends of the range",
    run=run,
)
