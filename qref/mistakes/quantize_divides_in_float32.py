"""QuantizeLinear from opset 23 that divides in float32, whatever type y_scale or precision ask for."""

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.floats import float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    if request.opset < 23:
        raise Unsupported("before opset 23 the division in float32 is acceptable")
    return found.rounded(found.quotient(float_format("float32")))


MISTAKE = Mistake(
    name="quantize-divides-in-float32",
    operators=("QuantizeLinear",),
    flags=("float16", "bfloat16", "precision", "near-tie"),
    effect=(
        "Float16 2000 / 0.3 is 6666 in float32 but 6664 in float16, which is right: int16 outputs beyond 2048 "
        "differ by up to 8, 8-bit ones near ties."
    ),
    fix="Convert x and y_scale to y_scale's type (or precision), divide there, round once.",
    symptom="only in one number format",
    run=run,
    seen_in=("rustnn/rustnn#30",),
)
