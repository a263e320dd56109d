"""Hashing that minimizes ‖W − BA‖: BWN, whatever the layer is fed with."""

from dataclasses import replace

from qref import ops
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("InnerProductHashing",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return ops.run(replace(request, op="BinaryWeight", inputs=request.inputs[:1], attributes={}))


MISTAKE = Mistake(
    name="hashing-ignores-inputs",
    operators=OPERATORS,
    flags=("inputs-decide", "coordinates-in-turn"),
    effect="w = (3, −1, −1, −1) fed with ones gives 0, as do signs (1, 1, −1, −1); signs of the weights give −3.",
    fix="Minimize ‖XᵀW − XᵀBA‖²: signs and scale of BWN are where the alternation begins.",
    symptom="nearly everywhere",
    run=run,
)
