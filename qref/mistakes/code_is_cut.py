"""The code of the largest value not above the number, floor, in place of the nearest."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("UniformEncode", "LogarithmicEncode")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [x] = request.inputs
    assert x is not None
    values = np.maximum(x.data.astype(np.float64), 0)
    if request.op == "UniformEncode":
        top = (1 << request.attributes.get("bits", 8)) - 1
        whole = [min(int(v), top) for v in np.floor(values).ravel()]
        return [Tensor("uint64", np.array(whole, np.uint64).reshape(x.shape))]
    _, q = np.frexp(values)
    codes = np.where(values >= 1, np.minimum(q, (1 << request.attributes.get("bits", 4)) - 1), 0)
    return [Tensor("uint8", codes.astype(np.uint8))]


MISTAKE = Mistake(
    name="code-is-cut",
    operators=OPERATORS,
    flags=("code-tie", "near-tie"),
    effect="1.9 gets the code of 1: errors reach a whole step, and are all of one sign.",
    fix="Take the nearest value, not the one below.",
    symptom="nearly everywhere",
    run=run,
)
