"""ε = 10⁻⁵ in place of 10⁻⁷ in f = 1 / (e + ε)."""

from qref.mistakes.altered_request import check
from qref.mistakes.drawn_rows import roulette, with_rows
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("StochasticQuantization",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return with_rows(request, lambda e, count, u: roulette(1 / (e + 1e-5), count, u))


MISTAKE = Mistake(
    name="roulette-with-larger-epsilon",
    operators=OPERATORS,
    flags=("roulette-epsilon",),
    effect="Rows of errors below 10⁻⁵ are drawn as if all had the same error.",
    fix="f = 1 / (e + 10⁻⁷).",
    symptom="only near ties",
    run=run,
)
