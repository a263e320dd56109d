"""The output's zero point subtracted, as an offset kept with the opposite sign is."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return from_numbers(request, zero_point=-numbers(request).zero_point)


MISTAKE = Mistake(
    name="output-zero-point-subtracted",
    operators=OPERATORS,
    flags=("zero-point", "zero-point-ends"),
    effect="5 with zero point 3 is stored as 2 (right: 8).",
    fix=(
        "Add y_zero_point. Where a library keeps input offsets negated and output offsets as they are, negate "
        "only the first."
    ),
    symptom="only with a zero point",
    run=run,
    seen_in=("ARM-software/ComputeLibrary#1033",),
)
