"""Scale and zero point in one fused multiply-add: the product is not rounded before the zero point is added."""

from fractions import Fraction
from typing import Any

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, in_float32, whole
from qref.numerics.floats import float_format, nearest
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(accumulator: Any, scale: Any, zero_point: int, format: Integer) -> int:
    """rint(float32(acc · scale + zero_point)), with one rounding to float32."""
    if not np.isfinite(scale):
        raise Unsupported("the float32 scale is infinite: the mistake has no answer here")
    fused = nearest(Fraction(float(accumulator)) * Fraction(float(scale)) + zero_point, float_format("float32"))
    return hold(whole(np.rint(fused)), format)


RULE = in_float32("multiplication-contracted-with-zero-point", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="multiplication-contracted-with-zero-point",
    operators=OPERATORS,
    flags=("near-tie", "tie", "zero-point"),
    effect=(
        "0.49999997 + 128 in float32 is 128.5 → 128 but 1.4999999 + 128 is 129.5 → 130 (right: 129): near ties "
        "and ties move, on machines with FMA only."
    ),
    fix=(
        "Round the product to an integer first and add the zero point as an integer; or compile with -ffp- "
        "contract=off."
    ),
    symptom="only near ties",
    run=run,
    seen_in=("Tencent/ncnn#3224",),
    real=True,
)
