"""The gradient of a shared value as the mean over its weights."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import GRADIENT
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, GRADIENT)
    _, codes = request.inputs
    assert codes is not None
    given = request.attributes
    parts = grain.of(given.get("granularity", "tensor"), given.get("group_size", 0))
    [sums] = rerun(request)
    counts = np.array([np.bincount(b, minlength=sums.shape[1]) for b in parts.parts(codes.data)]).reshape(sums.shape)
    return [Tensor("float32", (sums.data / np.maximum(counts, 1)).astype(np.float32))]


MISTAKE = Mistake(
    name="shared-gradient-averaged",
    operators=GRADIENT,
    flags=("shared-gradient",),
    effect="A value that 1000 weights share gets a gradient 1000 times too small.",
    fix="Add the gradients up: L depends on the value through each of its weights.",
    symptom="nearly everywhere",
    run=run,
)
