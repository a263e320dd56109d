"""The global optimum answered by alternation."""

from dataclasses import replace

from qref import ops
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("OptimalScaleGlobal",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return ops.run(replace(request, op="OptimalScale"))


MISTAKE = Mistake(
    name="optimal-scale-global-by-alternation",
    operators=OPERATORS,
    flags=("local-optimum",),
    effect="Alternation stops at the first scale whose codes stay, with 8 bits mostly at the 1st or 2nd it tries.",
    fix="Try the codes between all boundaries |w|/(k − 1/2).",
    symptom="nearly everywhere",
    run=run,
)
