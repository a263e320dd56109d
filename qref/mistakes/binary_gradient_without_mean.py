"""The gradient of binary weights without 1/n, as if α were a constant."""

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import binary_weight_step
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryWeightStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return binary_weight_step(request, lambda n, alpha, inside: alpha * inside)


MISTAKE = Mistake(
    name="binary-gradient-without-mean",
    operators=OPERATORS,
    flags=("straight-through",),
    effect="g α in place of g (1/n + α): of a channel of one weight, 1 g is missing.",
    fix="Add 1/n, also where |w| > 1.",
    symptom="nearly everywhere",
    run=run,
)
