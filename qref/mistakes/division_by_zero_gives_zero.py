"""Division by zero gives zero, a divide_no_nan."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import is_whole, replaced
from qref.mistakes.float_products import two
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import raw
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Div",))
    return rerun(request) if is_whole(request) else replaced(request, raw(two(request)[1]) == 0, 0.0)


MISTAKE = Mistake(
    name="division-by-zero-gives-zero",
    operators=("Div",),
    flags=("division-by-zero",),
    effect="1 / 0 is 0 instead of infinity, 0 / 0 is 0 instead of NaN.",
    fix="Divide, and let IEEE 754 say what a zero divisor gives.",
    symptom="only at the ends of the range",
    run=run,
)
