"""A negative accumulator shifted as an unsigned number, so that its sign is lost."""

from dataclasses import replace

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, numbers
from qref.numerics.profiles import ONNX
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    accumulator = wrap(numbers(request).accumulator, 32, signed=False)
    return [replace(numbers(request), accumulator=accumulator).apply(ONNX)]


MISTAKE = Mistake(
    name="negative-accumulators-shifted-logically",
    operators=OPERATORS,
    flags=("negative-tie", "saturation", "mixed-sign"),
    effect=(
        "−100 is shifted as 4294967196: with scale 1/16 it becomes 127 in int8 (right: −6). Every negative "
        "accumulator saturates at the upper end."
    ),
    fix=(
        "Shift a signed type: one unsigned operand (1u << shift, for the rounding constant) makes the whole "
        "expression unsigned in C."
    ),
    symptom="only negative values",
    run=run,
    seen_in=("ARM-software/CMSIS_5#896",),
    real=True,
)
