"""A moving average whose constant weighs the old range, not the new batch."""

from qref.mistakes.calibrations import averaged
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibrateMovingAverage",)


def run(request: Request) -> list[Tensor]:
    return averaged(request, None, lambda c: 1 - c)


MISTAKE = Mistake(
    name="moving-average-weights-swapped",
    operators=OPERATORS,
    flags=("moving-average",),
    effect="With c = 0.01 the range is that of the last batch, 99 to 1.",
    fix="r + c·(x − r): c is the weight of the new batch (or name its complement momentum).",
    symptom="nearly everywhere",
    run=run,
)
