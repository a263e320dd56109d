"""A histogram whose end is a power of two at the largest number, where it should be above it."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibratePercentile", "CalibrateSquaredError", "CalibrateDivergence")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    given = [batch for batch in request.inputs if batch is not None]
    largest = max((float(np.abs(batch.data).max(initial=0.0)) for batch in given), default=0.0)
    if not largest or np.frexp(largest)[0] != 0.5:
        return rerun(request)
    below = np.nextafter(np.float32(largest), np.float32(0))
    inside = tuple(replace(batch, data=np.clip(batch.data, -below, below)) for batch in given)
    return rerun(replace(request, inputs=inside))


MISTAKE = Mistake(
    name="histogram-ends-at-the-largest-number",
    operators=OPERATORS,
    flags=("histogram-end",),
    effect=(
        "Where the largest number is a power of two, 4 say, the range ends at 4 in place of 8: bins are half "
        "as wide, and the last one takes it in."
    ),
    fix="2^e is above every magnitude: frexp gives it, the ceiling of log2 does not.",
    symptom="only at the ends of the range",
    run=run,
)
