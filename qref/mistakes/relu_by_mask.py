"""Relu as a product with a mask: x · (x > 0)."""

from math import nan

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import is_whole, replaced
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Relu",))
    return rerun(request) if is_whole(request) else replaced(request, np.isneginf(raw(left_of(request))), nan)


MISTAKE = Mistake(
    name="relu-by-mask",
    operators=("Relu",),
    flags=("special-values",),
    effect="−∞ · 0 is NaN, where max(0, −∞) is 0.",
    fix="Choose x or 0 by a comparison, or take the maximum.",
    symptom="only at the ends of the range",
    run=run,
)
