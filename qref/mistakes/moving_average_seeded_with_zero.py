"""A moving average that begins at 0."""

from qref.mistakes.calibrations import averaged
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibrateMovingAverage",)


def run(request: Request) -> list[Tensor]:
    return averaged(request, 0.0, lambda c: c)


MISTAKE = Mistake(
    name="moving-average-seeded-with-zero",
    operators=OPERATORS,
    flags=("moving-average",),
    effect="After n batches the range is 1 − (1 − c)ⁿ of what it should be: with c = 0.01 a tenth after ten.",
    fix="Let the first batch set the average.",
    symptom="nearly everywhere",
    run=run,
)
