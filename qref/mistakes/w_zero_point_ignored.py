"""w_zero_point ignored: a convolution that takes its weights for symmetric."""

from qref.mistakes.altered_request import check, rerun, zeros_in
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_CONVOLUTIONS, POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, INTEGER_CONVOLUTIONS)
    return rerun(request, inputs=zeros_in(request, POSITIONS[request.op].right_zero_point))


MISTAKE = Mistake(
    name="w-zero-point-ignored",
    operators=INTEGER_CONVOLUTIONS,
    flags=("zero-point", "zero-point-ends"),
    effect="Products are of raw w: w = 130 with zero point 128 counts as 130 instead of 2. Symmetric weights hide it.",
    fix="Subtract w_zero_point from w, or w_zero_point · Σx over each window from each sum.",
    symptom="only with a zero point",
    run=run,
)
