"""An unsigned zero point loaded as a signed byte: 128 and above come out 256 too low."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, from_numbers, numbers
from qref.numerics.formats import integer
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = numbers(request)
    zero_point = wrap(found.zero_point, integer(found.dtype).bits)
    return from_numbers(request, zero_point=zero_point)


MISTAKE = Mistake(
    name="unsigned-zero-point-read-as-signed",
    operators=OPERATORS,
    flags=("zero-point-ends", "zero-point"),
    effect=(
        "Zero point 200 of uint8 is taken as −56: 5 becomes 0 (−51 saturated), right is 205. Nothing shows up to 127."
    ),
    fix="Load the zero point with its own signedness (movzx, ldrb), or widen it through uint8_t.",
    symptom="only with a zero point",
    run=run,
    seen_in=("llvm/torch-mlir#3009",),
    real=True,
)
