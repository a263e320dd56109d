"""KL divergence whose loop ends before all bins, as the pseudocode's range(128, 2048) does."""

from qref.mistakes.altered_request import check
from qref.mistakes.calibrations import clipped, given, least_divergence
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibrateDivergence",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    levels = given(request, "levels", 128)
    return clipped(request, lambda counts: least_divergence(counts, levels, all_bins=False))


MISTAKE = Mistake(
    name="divergence-always-clips",
    operators=OPERATORS,
    flags=("outliers", "empty-bins"),
    effect="The last bin is always clipped, also where D would be 0 with all bins.",
    fix="Try all bins as well: range(levels, bins + 1).",
    symptom="only at the ends of the range",
    run=run,
)
