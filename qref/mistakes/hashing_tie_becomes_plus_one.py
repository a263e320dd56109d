"""sign(0) = +1 where a sign makes no difference, in place of the sign that is there."""

from qref.mistakes.altered_request import check
from qref.mistakes.hashings import Hashing
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("InnerProductHashing",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Hashing(at_tie=lambda _: 1.0).run(request)


MISTAKE = Mistake(
    name="hashing-tie-becomes-plus-one",
    operators=OPERATORS,
    flags=("tie-keeps-sign",),
    effect="An input that is always 0 turns the signs of its weights to +1, and is wrong as soon as it is not 0.",
    fix="Keep the sign where both are equally good.",
    symptom="only at ties",
    run=run,
)
