"""Two-bit order reversed: the four elements of a byte are read from its high end."""

from qref.mistakes.linear_granularity import LINEAR
from qref.mistakes.low_bit_codes import reversed_in_bytes, with_codes
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_codes(request, 2, lambda codes: reversed_in_bytes(codes, 4))


MISTAKE = Mistake(
    name="two-bit-order-reversed",
    operators=LINEAR,
    flags=("two-bit",),
    effect="[0, 1, 2, 3] comes out as [3, 2, 1, 0]; of a last byte with fewer elements zeros come first.",
    fix="The first element is in the two low bits of a byte.",
    symptom="only in one number format",
    run=run,
)
