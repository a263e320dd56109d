"""b_zero_point of the first column: one a column is given, the first is used for all."""

from qref.mistakes.altered_request import check, first_in, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_MATRIX_PRODUCTS, POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, INTEGER_MATRIX_PRODUCTS)
    return rerun(request, inputs=first_in(request, POSITIONS[request.op].right_zero_point))


MISTAKE = Mistake(
    name="b-zero-point-of-first-column",
    operators=INTEGER_MATRIX_PRODUCTS,
    flags=("per-column", "zero-point"),
    effect=(
        "Columns of B after the first are read with the first one's zero point: with zero points 1 and 5, B = 7 in "
        "column 1 counts as 6 instead of 2."
    ),
    fix="Index b_zero_point by the column of B (and by the matrix of a stack), as b_scale.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
