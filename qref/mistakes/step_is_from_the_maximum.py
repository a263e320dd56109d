"""The step of weights as max |w| / (2^(n−1) − 1), so that nothing is clipped, in place of the optimal one."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request
from qref.quantizers.grid import Grid

OPERATORS = ("UniformWeights",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [W] = request.inputs
    assert W is not None
    given = request.attributes
    bits = given.get("bits", 8)
    parts = grain.of(given.get("granularity", "channel"), given.get("group_size", 0))
    codes = np.zeros(W.shape, np.int8)
    steps = []
    for w, b in zip(parts.parts(np.ascontiguousarray(W.data)), parts.parts(codes)):
        step = np.float32(np.abs(w).max(initial=0) / ((1 << (bits - 1)) - 1))
        b[:] = Grid("signed", bits, float(step)).quantize(w)
        steps.append(step)
    return [Tensor("int8", codes), Tensor("float32", np.array(steps, np.float32))]


MISTAKE = Mistake(
    name="step-is-from-the-maximum",
    operators=OPERATORS,
    flags=("spread", "outlier"),
    effect="One large weight widens the step of all: at few bits most weights become 0.",
    fix="The step of least expected error, which clips a little: Δ*·σ.",
    symptom="nearly everywhere",
    run=run,
)
