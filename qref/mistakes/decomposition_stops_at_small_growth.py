"""A term is done when (xᵀRy)² / (xᵀx·yᵀy) grows by less than a hundredth, as SDDPACK has it."""

from qref.mistakes.altered_request import check
from qref.mistakes.decompositions import Decomposition
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("SemidiscreteDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Decomposition(growth=0.01).run(request)


MISTAKE = Mistake(
    name="decomposition-stops-at-small-growth",
    operators=OPERATORS,
    flags=("slow-growth",),
    effect="x and y stop short of where neither changes: a gain of less than 1 % is the last.",
    fix="Alternate until y stays.",
    symptom="only in some shapes",
    run=run,
)
