"""DequantizeLinear as x · s − zero_point · s, each product rounded."""

from qref.mistakes.dequantizing import dequantization
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import multiply, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = dequantization(request)
    T = found.multiplication
    scale = round_to(found.scale, T)
    product = multiply(round_to(found.x, T), scale, T)
    return found.stored(product - multiply(round_to(found.zero_point, T), scale, T))


MISTAKE = Mistake(
    name="dequantize-scales-before-subtracting",
    operators=("DequantizeLinear",),
    flags=("zero-point", "zero-point-ends", "float16", "bfloat16"),
    effect="x = 4, zero point 3, scale 0.1: 0.4 − 0.3 = 0.09999999 in float32 (right: 0.1).",
    fix="Subtract in integers, convert, multiply once.",
    symptom="only with a zero point",
    run=run,
)
