"""float8 read as fnuz: codes are decoded with the bias of the formats without negative zero."""

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.linear_granularity import ZERO_POINT
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DequantizeLinear",)
READ_AS = {"float8e4m3fn": "float8e4m3fnuz", "float8e5m2": "float8e5m2fnuz"}


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    found = {i: t for i, t in enumerate(request.inputs) if i in (0, ZERO_POINT) and t is not None}
    if found[0].dtype not in READ_AS:
        raise Unsupported(f"x is {found[0].dtype}, the mistake is one with {', '.join(READ_AS)}")
    return rerun(request, inputs={i: Tensor(READ_AS[t.dtype], t.data) for i, t in found.items()})


MISTAKE = Mistake(
    name="float8-read-as-fnuz",
    operators=OPERATORS,
    flags=("float8",),
    effect=(
        "Every value is halved, as the bias is 8 instead of 7 (e5m2: 16 instead of 15): code 0x38 gives 0.5 instead of "
        "1; negative zero gives NaN."
    ),
    fix="Choose the table by the exact type: processors know one of the two families natively.",
    symptom="only in one number format",
    run=run,
)
