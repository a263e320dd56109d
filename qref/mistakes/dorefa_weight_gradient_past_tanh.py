"""The gradient of DoReFa weights passed on as it is, past tanh and maximum."""

from qref.mistakes.altered_request import check
from qref.mistakes.low_bits import data, levels, moved
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DoReFaWeightStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    levels(request, least=2)
    return moved(request, data(request, 1))


MISTAKE = Mistake(
    name="dorefa-weight-gradient-past-tanh",
    operators=OPERATORS,
    flags=("dorefa-backward",),
    effect="Small layers lack the factor 1 / max |tanh w|, large weights the factor 1 − tanh².",
    fix="Only quantizeₖ is straight-through: derive the rest.",
    symptom="nearly everywhere",
    run=run,
)
