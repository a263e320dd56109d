"""Means are taken once."""

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import CODEBOOKS, Engine
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, CODEBOOKS)
    return Engine(most=1).run(request)


MISTAKE = Mistake(
    name="kmeans-stops-after-one-step",
    operators=CODEBOOKS,
    flags=("many-steps",),
    effect="After 1 step codes still change: the error is larger than it need be.",
    fix="Go on until no code changes, or for the number of steps that is asked for.",
    symptom="nearly everywhere",
    run=run,
)
