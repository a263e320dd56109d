"""Straight-through without its range: the gradient passes where the number was clipped too."""

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("GridBackward",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    gradient = request.inputs[1]
    assert gradient is not None
    return [gradient]


MISTAKE = Mistake(
    name="grid-passes-gradients-beyond",
    operators=OPERATORS,
    flags=("grid-backward",),
    effect="The gradient is not 0 beyond the last level: numbers keep moving, though their code does not change.",
    fix="Give 0 outside the range, and at or below 0 on an unsigned grid.",
    symptom="only at the ends of the range",
    run=run,
)
