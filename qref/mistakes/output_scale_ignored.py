"""The division by y_scale left out."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, from_numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return from_numbers(request, y_scale=1.0)


MISTAKE = Mistake(
    name="output-scale-ignored",
    operators=OPERATORS,
    flags=("power-of-two-scale",),
    effect=(
        "With y_scale 0.5 every output is half of what it should be: 100 becomes 50. Nothing shows with y_scale 1."
    ),
    fix="Scale by x_scale · w_scale / y_scale.",
    symptom="nearly everywhere",
    run=run,
)
