"""A global ratio taken of each layer by itself."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("PruneGlobal",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    alone = [
        rerun(Request(request.op, request.domain, request.opset, request.attributes, (W,), 1)) for W in request.inputs
    ]
    return [Tensor("bool", np.concatenate([mask.data for [mask] in alone]))]


MISTAKE = Mistake(
    name="prune-global-by-layer",
    operators=OPERATORS,
    flags=("global-threshold",),
    effect="A layer of small weights keeps half of them at 0.5, where all go.",
    fix="Sort the magnitudes of all layers together.",
    symptom="nearly everywhere",
    run=run,
)
