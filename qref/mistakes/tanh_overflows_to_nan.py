"""Tanh as (e^2x − 1) / (e^2x + 1), which is ∞ / ∞ for large x."""

from math import nan

from qref.mistakes.altered_request import check
from qref.mistakes.elementwise import replaced
from qref.mistakes.exponentials import LARGEST_EXPONENT
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Tanh",))
    x = left_of(request)
    return replaced(request, 2 * raw(x) > LARGEST_EXPONENT[x.dtype], nan)


MISTAKE = Mistake(
    name="tanh-overflows-to-nan",
    operators=("Tanh",),
    flags=("large-argument",),
    effect="From 44.4 on float32 gives NaN instead of 1, in float16 from 5.55 on. Negative x are right.",
    fix="Use e^−2|x| and give the result the sign of x.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("ooples/AiDotNet.Tensors#594", "ROCm/triton#900"),
    real=True,
)
