"""KL divergence with 0.0001 for every 0 of P and of Q, as ONNX Runtime has it."""

from qref.mistakes.altered_request import check
from qref.mistakes.calibrations import clipped, given, least_divergence
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibrateDivergence",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    levels = given(request, "levels", 128)
    return clipped(request, lambda counts: least_divergence(counts, levels, lent=1e-4))


MISTAKE = Mistake(
    name="divergence-lends-to-empty-bins",
    operators=OPERATORS,
    flags=("empty-bins",),
    effect="Empty bins count 0.0001, and ranges whose D is infinite may win.",
    fix="Leave out bins with P = 0; D is infinite where Q = 0 < P.",
    symptom="nearly everywhere",
    run=run,
)
