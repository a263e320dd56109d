"""DynamicQuantizeLinear that multiplies the range by the float32 constant 1/255."""

from qref.mistakes.dynamic_quantizing import F32, outputs, range_with_zero, values, zero_point_of
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    low, high = range_with_zero(x)
    scale = F32(high - low) * (F32(1) / F32(255))
    return outputs(request, x, scale, zero_point_of(x, scale))


MISTAKE = Mistake(
    name="dynamic-multiplies-by-one-255th",
    operators=DYNAMIC,
    flags=("dynamic-range", "reciprocal"),
    effect=(
        "x = [−253, 0.5] gives y_scale 0.9941176772 (right: 0.9941176176): the constant is inexact, so the last "
        "bit is off for many ranges."
    ),
    fix="Divide by 255.",
    symptom="only near ties",
    run=run,
)
