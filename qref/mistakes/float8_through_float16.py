"""float8 through float16: the quotient is rounded to float16 first, and then once more."""

from qref.mistakes.float_codes import Values, with_quotient
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import float_format, round_to
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.onnx.quantize_linear import FLOAT8
from qref.ops.request import Request


def through_float16(values: Values, format: Float) -> Values:
    return round_to(values, float_format("float16"))


def run(request: Request) -> list[Tensor]:
    return with_quotient(request, FLOAT8, through_float16)


MISTAKE = Mistake(
    name="float8-through-float16",
    operators=("QuantizeLinear",),
    flags=("float8", "near-tie"),
    effect="232.04 becomes 232 in float16, a tie between 224 and 240, and 224 in float8e4m3fn; 240 is nearer.",
    fix="Convert float32 to float8 in one step; where only float16 converts, round to odd on the way.",
    symptom="only near ties",
    run=run,
    seen_in=("scott-griffiths/bitstring#342", "uxlfoundation/oneDNN#2361"),
    real=True,
)
