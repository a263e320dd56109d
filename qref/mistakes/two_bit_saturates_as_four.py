"""Two bits saturate as four: the result is held in a 4-bit range and its low two bits are kept."""

from qref.mistakes.masked_saturation import saturated_as
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return saturated_as(request, 2, wider=4)


MISTAKE = Mistake(
    name="two-bit-saturates-as-four",
    operators=("QuantizeLinear",),
    flags=("two-bit", "saturation", "range-ends"),
    effect="2 to int2 is held in −8…7 and packed as 10, which is −2 instead of 1; 4 to uint2 becomes 0 instead of 3.",
    fix="Saturate to −2…1 or 0…3 before packing.",
    symptom="only at the ends of the range",
    run=run,
)
