"""The finished accumulator stored in 16 bits before it is scaled."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, from_numbers, numbers
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return from_numbers(request, accumulator=wrap(numbers(request).accumulator, 16))


MISTAKE = Mistake(
    name="accumulator-wraps-to-16-bits",
    operators=OPERATORS,
    flags=("int16-wrap", "accumulator-overflow", "above-2^24", "saturation"),
    effect="40000 becomes −25536: with scale 0.001 the output is −26 (right: 40). Nothing shows inside ±32767.",
    fix="Keep accumulators in 32 bits up to the requantization.",
    symptom="only when sums overflow",
    run=run,
)
