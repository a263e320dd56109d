"""Sigmoid as e^x / (1 + e^x), which is ∞ / ∞ for large x."""

from math import nan

from qref.mistakes.altered_request import check
from qref.mistakes.elementwise import replaced
from qref.mistakes.exponentials import LARGEST_EXPONENT
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Sigmoid",))
    x = left_of(request)
    return replaced(request, raw(x) > LARGEST_EXPONENT[x.dtype], nan)


MISTAKE = Mistake(
    name="sigmoid-overflows-to-nan",
    operators=("Sigmoid",),
    flags=("large-argument",),
    effect="From 89 on float32 gives NaN instead of 1, in float16 from 11.1 on.",
    fix="Use 1 / (1 + e^−|x|) and reflect for negative x, or hold x within a range.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("clab/dynet#1525",),
    real=True,
)
