"""Random signs drawn anew for the backward pass."""

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.binary_schemes import given
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnectBackward",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    if given(request)["mode"] != "stochastic":
        raise Unsupported("no random signs")
    return rerun(request, attributes={"tensor": given(request)["tensor"] + 1})


MISTAKE = Mistake(
    name="binary-backward-draws-again",
    operators=OPERATORS,
    flags=("binary-backward", "stochastic"),
    effect=(
        "The backward pass takes tensor number t + 1: other signs than the forward pass had, in about 1 of 2 "
        "weights near 0."
    ),
    fix="Keep the signs of the forward pass.",
    symptom="nearly everywhere",
    run=run,
)
