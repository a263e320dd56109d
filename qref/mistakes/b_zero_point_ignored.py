"""b_zero_point ignored: a matrix product that takes its right operand for symmetric."""

from qref.mistakes.altered_request import check, rerun, zeros_in
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_MATRIX_PRODUCTS, POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, INTEGER_MATRIX_PRODUCTS)
    return rerun(request, inputs=zeros_in(request, POSITIONS[request.op].right_zero_point))


MISTAKE = Mistake(
    name="b-zero-point-ignored",
    operators=INTEGER_MATRIX_PRODUCTS,
    flags=("zero-point", "zero-point-ends", "per-column"),
    effect="Products are of raw B: B = 130 with zero point 128 counts as 130 instead of 2. Symmetric weights hide it.",
    fix="Subtract b_zero_point from B, or b_zero_point · Σ of each row of A from the sums.",
    symptom="only with a zero point",
    run=run,
)
