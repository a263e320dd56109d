"""The smallest threshold of those with the least squared error, as argmin finds it."""

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check
from qref.mistakes.calibrations import clipped, given
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers.calibration.squared_error import errors

OPERATORS = ("CalibrateSquaredError",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    K = given(request, "highest", 127)

    def choose(counts: NDArray[np.int64]) -> float:
        found = errors(counts, K)
        return 1.0 + found.index(min(found))

    return clipped(request, choose)


MISTAKE = Mistake(
    name="squared-error-takes-the-first-of-equals",
    operators=OPERATORS,
    flags=("equal-thresholds",),
    effect=(
        "Where two thresholds cost the same, 0 for whole numbers say, the smaller is taken, and more is "
        "clipped than need be."
    ),
    fix="Of equal errors take the last threshold: search from the largest down.",
    symptom="only at ties",
    run=run,
)
