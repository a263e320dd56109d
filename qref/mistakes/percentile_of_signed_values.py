"""A percentile of the numbers themselves, where that of their magnitudes is wanted."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibratePercentile",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    positive = rerun(request, {i: replace(x, data=np.maximum(x.data, 0)) for i, x in enumerate(request.inputs) if x})
    both = rerun(request)
    T = positive[1].data
    lowest = min((x.data.min() for x in request.inputs if x is not None and x.data.size), default=np.float32(0))
    return [Tensor("float32", np.asarray(np.maximum(-T, np.minimum(lowest, 0)), np.float32)), positive[1], *both[2:]]


MISTAKE = Mistake(
    name="percentile-of-signed-values",
    operators=OPERATORS,
    flags=("percentile-of-magnitudes",),
    effect="Of symmetric numbers 99 % lie below what only 98 % of the magnitudes do: twice as many are clipped.",
    fix="Take magnitudes first, or cut (100 − p)/2 per cent at both ends.",
    symptom="only negative values",
    run=run,
)
