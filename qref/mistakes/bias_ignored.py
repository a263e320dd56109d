"""The bias never added."""

from qref.mistakes.bias import bias_of, without_bias
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import from_numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias_of(request)
    return from_numbers(without_bias(request))


MISTAKE = Mistake(
    name="bias-ignored",
    operators=("QLinearConv",),
    flags=("bias",),
    effect=(
        "Every output of a channel is off by bias · x_scale · w_scale / y_scale steps; with B = 100 and a "
        "combined scale of 0.1 by 10."
    ),
    fix="Start the accumulator at B[m], or add it before scaling.",
    symptom="nearly everywhere",
    run=run,
)
