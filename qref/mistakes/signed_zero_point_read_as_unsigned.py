"""A signed zero point loaded as an unsigned byte: negative ones come out 256 too high."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, from_numbers, numbers
from qref.numerics.formats import integer
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = numbers(request)
    zero_point = wrap(found.zero_point, integer(found.dtype).bits, signed=False)
    return from_numbers(request, zero_point=zero_point)


MISTAKE = Mistake(
    name="signed-zero-point-read-as-unsigned",
    operators=OPERATORS,
    flags=("zero-point-ends", "zero-point"),
    effect=(
        "Zero point −3 of int8 is taken as 253: 5 becomes 127 (258 saturated), right is 2. Nothing shows from 0 "
        "upwards."
    ),
    fix="Load the zero point with its own signedness (movsx, ldrsb).",
    symptom="only with a zero point",
    run=run,
)
