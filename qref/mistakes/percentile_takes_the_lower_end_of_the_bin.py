"""A percentile whose bin is inside the range by name, not by width: its lower end is taken."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.calibrations import clipped, given
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibratePercentile",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    p = float(np.float32(given(request, "percentile", 99.99)))
    return clipped(request, lambda n: float(np.argmax(100 * np.cumsum(n) >= p * n.sum())) if n.any() else 0.0)


MISTAKE = Mistake(
    name="percentile-takes-the-lower-end-of-the-bin",
    operators=OPERATORS,
    flags=("percentile-of-magnitudes",),
    effect="The range is one bin short, 1/2048 of it: numbers that were counted as inside are clipped.",
    fix="The threshold is the upper end of the first bin by which p per cent are counted.",
    symptom="nearly everywhere",
    run=run,
)
