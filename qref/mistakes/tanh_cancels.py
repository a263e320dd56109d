"""Tanh as 1 − 2 / (e^2x + 1) in float32: near 0 the difference loses all bits."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.elementwise import replaced
from qref.mistakes.exponentials import in_float32
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Tanh",))
    x = left_of(request)
    one = np.float32(1)
    with np.errstate(over="ignore"):
        wrong = one - 2 * one / (in_float32(2 * raw(x)) + one)
    return replaced(request, np.abs(raw(x)) < 1, wrong.astype(np.float64))


MISTAKE = Mistake(
    name="tanh-cancels",
    operators=("Tanh",),
    flags=("small-argument",),
    effect="1e-9 gives 0 instead of 1e-9, 0.001 an error of 3e-5 of itself. Right from about 0.1 on.",
    fix="Use x itself, or a polynomial, near 0; or expm1.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("root-project/root#19740",),
)
