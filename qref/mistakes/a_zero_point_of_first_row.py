"""a_zero_point of the first row: one a row is given, the first is used for all."""

from qref.mistakes.altered_request import check, first_in, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_MATRIX_PRODUCTS, POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, INTEGER_MATRIX_PRODUCTS)
    return rerun(request, inputs=first_in(request, POSITIONS[request.op].left_zero_point))


MISTAKE = Mistake(
    name="a-zero-point-of-first-row",
    operators=INTEGER_MATRIX_PRODUCTS,
    flags=("per-row", "zero-point"),
    effect=(
        "Rows of A after the first are read with the first one's zero point: with zero points 1 and 5, A = 7 in row 1 "
        "counts as 6 instead of 2."
    ),
    fix="Index a_zero_point by the row of A (and by the matrix of a stack), as a_scale.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
