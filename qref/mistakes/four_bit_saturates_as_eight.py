"""Four bits saturate as eight: the result is held in an 8-bit range and its low four bits are kept."""

from qref.mistakes.masked_saturation import saturated_as
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return saturated_as(request, 4, wider=8)


MISTAKE = Mistake(
    name="four-bit-saturates-as-eight",
    operators=("QuantizeLinear",),
    flags=("four-bit", "saturation", "range-ends"),
    effect=(
        "9 to int4 is held in −128…127 and packed as 1001, which is −7 instead of 7; 16 to uint4 becomes 0 instead of "
        "15."
    ),
    fix="Saturate to −8…7 or 0…15 before packing.",
    symptom="only at the ends of the range",
    run=run,
)
