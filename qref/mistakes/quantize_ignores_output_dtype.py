"""QuantizeLinear ignores output_dtype: without a zero point the output is uint8."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("QuantizeLinear",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return rerun(request, attributes={"output_dtype": None})


MISTAKE = Mistake(
    name="quantize-ignores-output-dtype",
    operators=OPERATORS,
    flags=("output-dtype",),
    effect="output_dtype int8 without a zero point gives uint8, and −5 becomes 0.",
    fix="The output's type is the zero point's, else output_dtype, else uint8.",
    symptom="only in one number format",
    run=run,
)
