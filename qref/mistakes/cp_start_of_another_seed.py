"""Seeds counted from 1."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CpDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return rerun(request, attributes={"seed": request.attributes.get("seed", 0) + 1})


MISTAKE = Mistake(
    name="cp-start-of-another-seed",
    operators=OPERATORS,
    flags=("alternating-least-squares",),
    effect="Seed 0 read as 1, and so on.",
    fix="The start is Philox's stream of the seed, one tensor an axis.",
    symptom="nearly everywhere",
    run=run,
)
