"""The spread of weights as a library's standard deviation, about their mean, for a grid that is symmetric about 0."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request
from qref.quantizers import non_uniform
from qref.quantizers.grid import Grid

OPERATORS = ("UniformWeights", "LloydMaxWeights")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [W] = request.inputs
    assert W is not None
    given = request.attributes
    parts = grain.of(given.get("granularity", "channel"), given.get("group_size", 0))
    codes, scales = rerun(request)
    found, stretched = codes.data.copy(), scales.data.copy()
    for i, (w, b) in enumerate(zip(parts.parts(np.ascontiguousarray(W.data)), parts.parts(found))):
        x = w.astype(np.float64)
        about_zero = np.sqrt(np.square(x).mean()) if x.size else 0.0
        if about_zero:
            stretched[i] = (scales.data[i].astype(np.float64) * (x.std() / about_zero)).astype(np.float32)
        if request.op == "UniformWeights":
            b[:] = Grid("signed", given.get("bits", 8), float(stretched[i])).quantize(w)
        else:
            b[:] = non_uniform.encode(w, stretched[i])
    return [Tensor(codes.dtype, found), Tensor("float32", stretched)]


MISTAKE = Mistake(
    name="spread-is-about-the-mean",
    operators=OPERATORS,
    flags=("spread-about-zero", "spread"),
    effect="Weights around 4 with a deviation of 0.6 get a step for a spread of 0.6: all are beyond the last level.",
    fix="σ = √(Σ w² / N): the levels are symmetric about 0, so the spread is about 0.",
    symptom="nearly everywhere",
    run=run,
)
