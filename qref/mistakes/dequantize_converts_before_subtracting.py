"""DequantizeLinear that converts x and zero point to the output's float type and subtracts there."""

from qref.mistakes.dequantizing import dequantization
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import multiply, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = dequantization(request)
    T = found.multiplication
    difference = round_to(round_to(found.x, T) - round_to(found.zero_point, T), T)
    return found.stored(multiply(difference, round_to(found.scale, T), T))


MISTAKE = Mistake(
    name="dequantize-converts-before-subtracting",
    operators=("DequantizeLinear",),
    flags=("sixteen-bit", "float16", "bfloat16", "zero-point"),
    effect="uint16 2049 − 2048 in float16 is 2048 − 2048 = 0 (right: 1); int16 and bfloat16 differ from 257 on.",
    fix="Subtract in integers, then convert the difference.",
    symptom="only in one number format",
    run=run,
)
