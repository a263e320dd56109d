"""DynamicQuantizeLinear whose scale is the range over 256, the number of codes."""

from qref.mistakes.dynamic_quantizing import F32, outputs, range_with_zero, values, zero_point_of
from qref.mistakes.dynamic_quantizing import OPERATORS as DYNAMIC
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    x = values(request)
    low, high = range_with_zero(x)
    scale = F32(high - low) / F32(256)
    return outputs(request, x, scale, zero_point_of(x, scale))


MISTAKE = Mistake(
    name="dynamic-divides-by-256",
    operators=DYNAMIC,
    flags=("dynamic-range",),
    effect="Every scale is 0.4 % too small: x = [−253, 0.5] gets zero point 255 (right: 254).",
    fix="Divide by 255 = qmax − qmin.",
    symptom="nearly everywhere",
    run=run,
)
