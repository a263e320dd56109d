"""QuantizeLinear from opset 23 that divides in y_scale's type although `precision` names another."""

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.floats import float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    y_scale = request.inputs[1]
    assert y_scale is not None
    if not request.attributes.get("precision", 0) or y_scale.dtype == "float8e8m0":
        raise Unsupported("the mistake shows only where precision is given and y_scale could be divided by without it")
    return found.rounded(found.quotient(float_format(y_scale.dtype)))


MISTAKE = Mistake(
    name="quantize-ignores-precision",
    operators=("QuantizeLinear",),
    flags=("precision",),
    effect="Float16 2000 / 0.3 with precision float32 becomes 6664, the quotient in float16 (right: 6666).",
    fix="Convert x and y_scale to the type that precision names before dividing.",
    symptom="only in one number format",
    run=run,
)
