"""PRelu with the first slope for all elements."""

from qref.mistakes.altered_request import check, first_in, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("PRelu",))
    return rerun(request, inputs=first_in(request, 1))


MISTAKE = Mistake(
    name="p-relu-first-slope-everywhere",
    operators=("PRelu",),
    flags=("slope",),
    effect="Slopes 0.25 and 0.5: −4 in the second channel becomes −1 instead of −2. Right for a single slope.",
    fix="Read the slope of each element's channel.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
