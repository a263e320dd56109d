"""The gradient of a plain ReLU where that of a clipped or log-tailed one is asked for."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("HalfWaveBackward",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return rerun(request, attributes={"approximation": "relu"})


MISTAKE = Mistake(
    name="half-wave-gradient-of-relu",
    operators=OPERATORS,
    flags=("half-wave-backward",),
    effect=(
        "Beyond the last level the whole gradient passes: at x = 2 behind levels up to 1.5, where none "
        "or 1/1.5 of it should."
    ),
    fix="Stop the gradient above qₘ, or divide it by x − τ.",
    symptom="only at the ends of the range",
    run=run,
)
