"""DequantizeLinear with subnormal products flushed to zero (FTZ set)."""

from qref.mistakes.dequantizing import dequantization
from qref.mistakes.float_shortcuts import flushed
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import multiply, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = dequantization(request)
    T = found.multiplication
    product = multiply(round_to(found.x - found.zero_point, T), flushed(round_to(found.scale, T), T), T)
    return found.stored(flushed(product, T))


MISTAKE = Mistake(
    name="dequantize-flushes-subnormals",
    operators=("DequantizeLinear",),
    flags=("subnormal", "float16", "float8"),
    effect=(
        "0.25 of float8 with a float16 scale of 2⁻¹⁴ gives 0 (right: 2⁻¹⁶). Integers show it only with subnormal "
        "scales, which are taken as 0."
    ),
    fix="Leave FTZ off, or compute float16 in float32 and convert with subnormals.",
    symptom="only in one number format",
    run=run,
)
