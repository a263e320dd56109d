"""The sum brought back to units of 1 where y counts units of 2^lowest: its fraction is gone before requantization."""

from qref.errors import Unsupported
from qref.mistakes.altered_request import rerun
from qref.mistakes.few_bits import shift_answer, shift_of
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    lowest = shift_of(request).lowest
    if lowest >= 0:
        raise Unsupported("units are not below 1")
    [y] = rerun(request)
    return shift_answer(request, y.data.astype("int64") >> -lowest)


MISTAKE = Mistake(
    name="shift-sum-rescaled-early",
    operators=("ShiftConv",),
    flags=("negative-exponents",),
    effect="The sum is shifted back by −lowest: with weights of 2^−7 a sum of 127 units gives 0.",
    fix="Keep the sum in units of 2^lowest, and let the scale of requantization hold 2^lowest.",
    symptom="nearly everywhere",
    run=run,
)
