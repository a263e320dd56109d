"""One α for all filters of a layer."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import layer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("XnorConv",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return layer(request, alpha=lambda w: np.full(len(w), w.mean() if w.size else 0.0))


MISTAKE = Mistake(
    name="xnor-scale-of-all-filters",
    operators=OPERATORS,
    flags=("scale-a-channel",),
    effect="Filters of mean magnitude 0.75 and 3 are both scaled by 1.875. Right for one filter.",
    fix="α belongs to a filter: the mean of |W| over its own weights.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
