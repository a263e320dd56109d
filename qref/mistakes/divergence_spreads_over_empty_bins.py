"""KL divergence whose Q is spread over all bins of a level, empty ones too."""

from qref.mistakes.altered_request import check
from qref.mistakes.calibrations import clipped, given, least_divergence
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibrateDivergence",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    levels = given(request, "levels", 128)
    return clipped(request, lambda counts: least_divergence(counts, levels, everywhere=True))


MISTAKE = Mistake(
    name="divergence-spreads-over-empty-bins",
    operators=OPERATORS,
    flags=("empty-bins",),
    effect="Where P = 0 a part of Q is lost: sparse histograms look worse than they are.",
    fix="Spread a level over those of its bins that are not empty in P.",
    symptom="nearly everywhere",
    run=run,
)
