"""The zero point added to the float32 product, that sum rounded to float32 and then to an integer."""

from typing import Any

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, in_float32, whole
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(accumulator: Any, scale: Any, zero_point: int, format: Integer) -> int:
    """rint(float32(float32(acc · scale) + zero_point))."""
    product = accumulator * scale
    return hold(whole(np.rint(np.float32(product + np.float32(zero_point)))), format)


RULE = in_float32("zero-point-added-in-float32", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="zero-point-added-in-float32",
    operators=OPERATORS,
    flags=("near-tie", "tie", "zero-point", "zero-point-ends"),
    effect=(
        "1.4999999 + 128 is 129.5 in float32, which becomes 130 (right: 129); and ties move with odd zero points "
        "as 0.5 + 1 = 1.5 → 2 (right: 1)."
    ),
    fix="Round the product to an integer first, then add the zero point as an integer.",
    symptom="only near ties",
    run=run,
    seen_in=("pytorch/FBGEMM#362",),
)
