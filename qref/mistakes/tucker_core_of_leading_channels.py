"""The core cut out of the kernel, not projected."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("Tucker2",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    first, core, last = rerun(request)
    W = request.inputs[0]
    assert W is not None
    Q, P = core.shape[:2]
    return [first, Tensor("float32", np.ascontiguousarray(W.data[:Q, :P])), last]


MISTAKE = Mistake(
    name="tucker-core-of-leading-channels",
    operators=OPERATORS,
    flags=("core-of-projections",),
    effect="The core is W[:Q, :P], the first channels, as they were: 2 of 3 in place of sums over all.",
    fix="Multiply the kernel by both sets of vectors.",
    symptom="nearly everywhere",
    run=run,
)
