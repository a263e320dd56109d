"""The gradient with respect to the input taken with the real weights."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.binary_schemes import rounded, values
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnectBackward", "StochasticQuantizationStep")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    _, of_weights = rerun(request)
    return [*rounded(values(request, 2) @ values(request, 1)), of_weights]


MISTAKE = Mistake(
    name="binary-gradient-at-real-weights",
    operators=OPERATORS,
    flags=("binary-backward",),
    effect="g W in place of g W_b: a weight of 0.25 sends back 0.25 g instead of g.",
    fix="Use the weights that the forward pass used.",
    symptom="nearly everywhere",
    run=run,
)
