"""A step of BinaryConnect without the clip."""

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import given, rounded, values
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnectStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W, g, eta = values(request, 0), values(request, 1), given(request)["learning_rate"]
    return rounded(W - eta * g)


MISTAKE = Mistake(
    name="binary-update-without-clip",
    operators=OPERATORS,
    flags=("clip",),
    effect=("A weight of 0.75 with η g = −0.5 goes to 1.25 instead of 1, and on to where no gradient turns its sign."),
    fix="Clip to [−1, 1] after each step.",
    symptom="only at the ends of the range",
    run=run,
)
