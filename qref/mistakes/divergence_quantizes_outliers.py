"""KL divergence whose Q is made from P with the outliers in it."""

from qref.mistakes.altered_request import check
from qref.mistakes.calibrations import clipped, given, least_divergence
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibrateDivergence",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    levels = given(request, "levels", 128)
    return clipped(request, lambda counts: least_divergence(counts, levels, twice=True))


MISTAKE = Mistake(
    name="divergence-quantizes-outliers",
    operators=OPERATORS,
    flags=("outliers",),
    effect="The outliers are in P and in Q and cost little: more than 1 in 10 may be clipped.",
    fix="Make Q from the bins as they were, before outliers are added.",
    symptom="nearly everywhere",
    run=run,
)
