"""The bias never added."""

from qref.mistakes.altered_request import rerun
from qref.mistakes.bias import WITH_BIAS, bias_of
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias_of(request, WITH_BIAS)
    at = POSITIONS[request.op].bias
    assert at is not None
    return rerun(request, inputs={at: None})


MISTAKE = Mistake(
    name="bias-ignored",
    operators=WITH_BIAS,
    flags=("bias",),
    effect=(
        "Every output of a channel is off by bias · x_scale · w_scale / y_scale steps; with B = 100 and a "
        "combined scale of 0.1 by 10."
    ),
    fix="Start the accumulator at B[m], or add it before scaling.",
    symptom="nearly everywhere",
    run=run,
)
