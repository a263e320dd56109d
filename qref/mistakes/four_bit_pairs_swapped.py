"""Four-bit pairs swapped: the first of two elements in a byte is taken from the high half."""

from qref.mistakes.linear_granularity import LINEAR
from qref.mistakes.low_bit_codes import reversed_in_bytes, with_codes
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_codes(request, 4, lambda codes: reversed_in_bytes(codes, 2))


MISTAKE = Mistake(
    name="four-bit-pairs-swapped",
    operators=LINEAR,
    flags=("four-bit", "float4"),
    effect="[1, 2, 3, 4] comes out as [2, 1, 4, 3]; the last of an odd number of elements as 0.",
    fix="The first element is in the four low bits of a byte.",
    symptom="only in one number format",
    run=run,
    seen_in=("openvinotoolkit/openvino#32123",),
    real=True,
)
