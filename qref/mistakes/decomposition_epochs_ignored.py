"""Each term found once: the epochs that find it again with the others fixed are left out."""

from qref.mistakes.altered_request import check
from qref.mistakes.decompositions import Decomposition
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SemidiscreteDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Decomposition(epochs=1).run(request)


MISTAKE = Mistake(
    name="decomposition-epochs-ignored",
    operators=OPERATORS,
    flags=("terms-again",),
    effect="epochs = 3 gives what epochs = 1 gives.",
    fix="Go over all terms again, each against the residual that all others leave.",
    symptom="nearly everywhere",
    run=run,
)
