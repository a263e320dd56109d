"""One sweep of alternating least squares too many."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CpDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return rerun(request, attributes={"sweeps": request.attributes.get("sweeps", 10) + 1})


MISTAKE = Mistake(
    name="cp-one-sweep-more",
    operators=OPERATORS,
    flags=("alternating-least-squares",),
    effect="The sweep that makes the start counts as sweep 0: one more than asked for.",
    fix="As many sweeps as asked for, the first from the start.",
    symptom="nearly everywhere",
    run=run,
)
