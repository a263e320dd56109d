"""Every term found for W itself: all terms are the first."""

from qref.mistakes.altered_request import check
from qref.mistakes.decompositions import Decomposition
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SemidiscreteDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Decomposition(updates=False).run(request)


MISTAKE = Mistake(
    name="decomposition-residual-not-updated",
    operators=OPERATORS,
    flags=("later-terms", "residual-of-zero"),
    effect="All k terms are equal, so that k = 2 gives 2·W for a W of one term.",
    fix="Take d·x·yᵀ from the residual before the next term.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
