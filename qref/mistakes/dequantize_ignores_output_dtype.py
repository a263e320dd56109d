"""DequantizeLinear ignores output_dtype: the output has the scale's type."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DequantizeLinear",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return rerun(request, attributes={"output_dtype": None})


MISTAKE = Mistake(
    name="dequantize-ignores-output-dtype",
    operators=OPERATORS,
    flags=("output-dtype",),
    effect="output_dtype float16 beside a float32 scale gives float32.",
    fix="From opset 23 the output's type, and that of the multiplication, is output_dtype where it is given.",
    symptom="only in one number format",
    run=run,
)
