"""DequantizeLinear that never subtracts the zero point."""

from qref.mistakes.dequantizing import dequantization
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import multiply, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = dequantization(request)
    T = found.multiplication
    return found.stored(multiply(round_to(found.x, T), round_to(found.scale, T), T))


MISTAKE = Mistake(
    name="dequantize-ignores-zero-point",
    operators=("DequantizeLinear",),
    flags=("zero-point", "zero-point-ends"),
    effect="x = 130 with zero point 128 and scale 0.5 gives 65 (right: 1).",
    fix="Subtract x_zero_point before scaling.",
    symptom="only with a zero point",
    run=run,
)
