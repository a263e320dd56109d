"""The output's zero point never added."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, from_numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return from_numbers(request, zero_point=0)


MISTAKE = Mistake(
    name="output-zero-point-ignored",
    operators=OPERATORS,
    flags=("zero-point", "zero-point-ends"),
    effect=(
        "Every output is off by the zero point: 5 with zero point 128 is stored as 5 (right: 133). Nothing shows "
        "with zero point 0."
    ),
    fix="Add y_zero_point after rounding, before saturation.",
    symptom="only with a zero point",
    run=run,
)
