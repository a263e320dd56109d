"""Work before a stride counted at the output's resolution."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("RankOfSpeed",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return rerun(request, attributes={"strides": None})


MISTAKE = Mistake(
    name="rank-ignores-strides",
    operators=OPERATORS,
    flags=("work-before-strides",),
    effect="Layers before a stride of 2 count as one with as many positions as the output.",
    fix="Count a layer's positions: those before the stride are more.",
    symptom="only in some shapes",
    run=run,
)
