"""QuantizeLinear that divides in float32 and cuts the quotient to bfloat16 by dropping 16 bits."""

from qref.errors import Unsupported
from qref.mistakes.float_shortcuts import cut_to_bfloat16
from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.floats import divide, float_format, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    if found.division.name != "bfloat16":
        raise Unsupported(f"division in {found.division.name}: the mistake is one with bfloat16")
    x, scale = (round_to(part, found.division) for part in (found.x, found.scale))
    return found.rounded(cut_to_bfloat16(divide(x, scale, float_format("float32"))))


MISTAKE = Mistake(
    name="quantize-truncates-to-bfloat16",
    operators=("QuantizeLinear",),
    flags=("bfloat16",),
    effect="5 / 0.30078125 = 16.623 is cut to 16.5 and becomes 16; rounded to bfloat16 it is 16.625 and becomes 17.",
    fix="Round to nearest even: add 0x7FFF plus the lowest kept bit before shifting, and keep NaN apart.",
    symptom="only in one number format",
    run=run,
)
