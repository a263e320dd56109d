"""Operands swapped for broadcasting: the larger one goes first, though a − b and a / b do not commute."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.float_products import two
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Sub", "Div"))
    a, b = two(request)
    return rerun(request, inputs={0: b, 1: a} if a.data.size < b.data.size else {})


MISTAKE = Mistake(
    name="broadcast-swaps-operands",
    operators=("Sub", "Div"),
    flags=("broadcast", "rank-0"),
    effect=(
        "1 − [3, 5] gives [2, 4] instead of [−2, −4]: the kernel wants the scalar on its right. Right where the left "
        "operand is not the smaller one."
    ),
    fix="Keep a flag of the exchange, or a kernel of its own for scalar − tensor and scalar / tensor.",
    symptom="only in some shapes",
    run=run,
)
