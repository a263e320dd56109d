"""The gradient of DoReFa activations without the mask of their clip."""

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DoReFaActivationBackward",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    g = request.inputs[1]
    assert g is not None
    return [g]


MISTAKE = Mistake(
    name="dorefa-activation-gradient-not-masked",
    operators=OPERATORS,
    flags=("dorefa-backward",),
    effect="Activations below 0 or above 1, which were clipped, get a gradient: they move on although nothing changes.",
    fix="Pass the gradient where 0 ≤ x ≤ 1 only.",
    symptom="only at the ends of the range",
    run=run,
)
