"""The scale max|w|/K with its codes, and no iteration."""

from qref.mistakes.alternations import answer
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("OptimalScale",)


def run(request: Request) -> list[Tensor]:
    return answer(request, steps=0)


MISTAKE = Mistake(
    name="optimal-scale-is-max-over-k",
    operators=OPERATORS,
    flags=("descent",),
    effect="One large weight sets the scale of all: 127 weights of 1 and one of 100 share the scale 100/127.",
    fix="Project, round again, and so on until codes stay.",
    symptom="nearly everywhere",
    run=run,
)
