"""u from the upper 24 bits of a word, as float32 generators make it."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import drawn
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnect",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return drawn(request, lambda W, word: (word >> np.uint32(8)) * 2.0**-23 - 1 < W)


MISTAKE = Mistake(
    name="stochastic-uniform-of-24-bits",
    operators=OPERATORS,
    flags=("exact-comparison",),
    effect="u = ⌊word / 2⁸⌋ · 2⁻²⁴ is up to 2⁻²⁴ too small: weights just below 2u − 1 get +1.",
    fix="u = word · 2⁻³², in float64.",
    symptom="only near ties",
    run=run,
)
