"""Orthogonal iteration left out."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("Tucker2",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return rerun(request, attributes={"sweeps": 0})


MISTAKE = Mistake(
    name="tucker-without-sweeps",
    operators=OPERATORS,
    flags=("iterated-projections",),
    effect="Sweeps ignored: the result is that of 0.",
    fix="Find each factor again for the kernel projected on the other, as often as asked for.",
    symptom="nearly everywhere",
    run=run,
)
