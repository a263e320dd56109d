"""The core not projected again after the factors were found again."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("Tucker2",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    sweeps = request.attributes.get("sweeps", 0)
    first, core, last = rerun(request)
    if sweeps:
        core = rerun(request, attributes={"sweeps": sweeps - 1})[1]
    return [first, core, last]


MISTAKE = Mistake(
    name="tucker-core-of-first-projections",
    operators=OPERATORS,
    flags=("iterated-projections",),
    effect="After 1 sweep the core is still that of the vectors before it.",
    fix="Project the kernel on the factors that are stored.",
    symptom="nearly everywhere",
    run=run,
)
