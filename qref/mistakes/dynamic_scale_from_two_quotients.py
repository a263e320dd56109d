"""DynamicQuantizeLinear whose scale is max / 255 − min / 255."""

from qref.mistakes.dynamic_quantizing import F32, outputs, range_with_zero, values, zero_point_of
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    low, high = range_with_zero(x)
    scale = high / F32(255) - low / F32(255)
    return outputs(request, x, scale, zero_point_of(x, scale))


MISTAKE = Mistake(
    name="dynamic-scale-from-two-quotients",
    operators=DYNAMIC,
    flags=("dynamic-range",),
    effect=(
        "x = [−253, 0.5] gives y_scale 0.9941176772 (right: 0.9941176176): off in its last bit for many inputs, "
        "and values near ties move."
    ),
    fix="Subtract first, then divide by 255, each rounded to float32.",
    symptom="only near ties",
    run=run,
)
