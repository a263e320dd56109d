"""DequantizeLinear to bfloat16 that multiplies in float32 and drops the lower 16 bits."""

from qref.errors import Unsupported
from qref.mistakes.dequantizing import dequantization
from qref.mistakes.float_shortcuts import cut_to_bfloat16
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import float_format, multiply, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = dequantization(request)
    T = found.multiplication
    if T.name != "bfloat16":
        raise Unsupported(f"output {T.name}: the mistake is one with bfloat16")
    difference = round_to(found.x - found.zero_point, T)
    product = multiply(difference, round_to(found.scale, T), float_format("float32"))
    return found.stored(cut_to_bfloat16(product))


MISTAKE = Mistake(
    name="dequantize-truncates-to-bfloat16",
    operators=("DequantizeLinear",),
    flags=("bfloat16", "output-dtype"),
    effect="Products are cut toward zero: 3 · 0.1 becomes 0.299 (0x3E99) where rounding gives 0.301 (0x3E9A).",
    fix="Round to nearest even: add 0x7FFF plus the lowest kept bit before shifting, and keep NaN apart.",
    symptom="only in one number format",
    run=run,
)
