"""The nearest power of two found by rounding log2: nearest in the exponent, not in value."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("LogarithmicEncode", "LogarithmicWeights")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [x] = request.inputs
    assert x is not None
    # what lies between √2 and 1.5 times a power is taken as if it were 1.5 times
    f, q = np.frexp(x.data.astype(np.float64))
    between = (np.abs(f) > np.sqrt(0.5)) & (np.abs(f) < 0.75)
    moved = np.ldexp(np.where(between, np.copysign(0.75, f), f), q)
    return rerun(request, {0: Tensor("float32", moved.astype(np.float32))})


MISTAKE = Mistake(
    name="logarithm-is-rounded",
    operators=OPERATORS,
    flags=("nearest-in-value",),
    effect="1.44 becomes 2, though 1 is nearer: its logarithm, 0.53, is nearer to 1 than to 0.",
    fix="Compare values: the boundary between 2^k and 2^(k+1) is 1.5·2^k.",
    symptom="nearly everywhere",
    run=run,
)
