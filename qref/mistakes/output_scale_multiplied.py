"""Multiplied by y_scale where it should be divided."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = numbers(request)
    return from_numbers(request, x_scale=found.x_scale * found.y_scale, y_scale=1.0)


MISTAKE = Mistake(
    name="output-scale-multiplied",
    operators=OPERATORS,
    flags=("power-of-two-scale",),
    effect="With y_scale 0.5 an accumulator worth 20 becomes 10 (right: 40). Nothing shows with y_scale 1.",
    fix=(
        "Divide by y_scale, or multiply by its reciprocal: some libraries store the one, some the other under the "
        "same name."
    ),
    symptom="nearly everywhere",
    run=run,
)
