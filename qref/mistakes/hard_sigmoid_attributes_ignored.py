"""HardSigmoid with alpha 0.2 and beta 0.5 whatever the node says."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("HardSigmoid",))
    return rerun(request, attributes={"alpha": None, "beta": None})


MISTAKE = Mistake(
    name="hard-sigmoid-attributes-ignored",
    operators=("HardSigmoid",),
    flags=("slope",),
    effect="alpha 0.5: 0.5 becomes 0.6 instead of 0.75. Right for the defaults.",
    fix="Pass alpha and beta to the kernel.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("VeriSilicon/TIM-VX#265",),
)
