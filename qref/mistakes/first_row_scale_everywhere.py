"""The scale of the first row of a used for all rows."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x_scale = numbers(request).x_scale
    return from_numbers(request, x_scale=x_scale.reshape(-1)[:1].reshape(()) if x_scale.size else x_scale)


MISTAKE = Mistake(
    name="first-row-scale-everywhere",
    operators=("QLinearMatMul",),
    flags=("per-row",),
    effect="Row 1 with scale 0.5 is requantized with row 0's 0.25: 100 becomes 50. Row 0 is right.",
    fix="Index a_scale by the row, the second last dimension of the output.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
