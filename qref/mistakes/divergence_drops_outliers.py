"""KL divergence without the outliers in the last bin of P."""

from qref.mistakes.altered_request import check
from qref.mistakes.calibrations import clipped, given, least_divergence
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibrateDivergence",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    levels = given(request, "levels", 128)
    return clipped(request, lambda counts: least_divergence(counts, levels, add=False))


MISTAKE = Mistake(
    name="divergence-drops-outliers",
    operators=OPERATORS,
    flags=("outliers",),
    effect="What is clipped costs nothing: P and Q of few bins agree, D = 0, and the range shrinks.",
    fix="Add the counts beyond the threshold to P's last bin, and not to Q's.",
    symptom="nearly everywhere",
    run=run,
)
