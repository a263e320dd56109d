"""a_zero_point ignored: a matrix product that takes its left operand's zero point for 0."""

from qref.mistakes.altered_request import check, rerun, zeros_in
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_MATRIX_PRODUCTS, POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, INTEGER_MATRIX_PRODUCTS)
    return rerun(request, inputs=zeros_in(request, POSITIONS[request.op].left_zero_point))


MISTAKE = Mistake(
    name="a-zero-point-ignored",
    operators=INTEGER_MATRIX_PRODUCTS,
    flags=("zero-point", "zero-point-ends", "per-row"),
    effect="Products are of raw A: A = 130 with zero point 128 counts as 130 instead of 2.",
    fix="Subtract a_zero_point from A, or a_zero_point · Σ of each column of B from the sums.",
    symptom="only with a zero point",
    run=run,
)
