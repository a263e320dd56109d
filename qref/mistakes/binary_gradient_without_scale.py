"""The gradient of binary weights without α."""

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import binary_weight_step
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryWeightStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return binary_weight_step(request, lambda n, alpha, inside: 1 / n + inside)


MISTAKE = Mistake(
    name="binary-gradient-without-scale",
    operators=OPERATORS,
    flags=("straight-through",),
    effect="g (1/n + 1) in place of g (1/n + α): with α = 0.05 twenty times too large.",
    fix="The derivative of α sign(w) has the factor α.",
    symptom="nearly everywhere",
    run=run,
)
