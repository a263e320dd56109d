"""Accumulates in float16: integers above 2048 are no longer told apart, and sums end at 65504."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products
from qref.numerics.fixed_point import INT32_MAX, INT32_MIN
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    left, right = (a - zero_a).astype(np.float16), (b - zero_b).astype(np.float16)
    sums = np.zeros((left[..., :1] @ right[..., :1, :]).shape, np.float16)
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(left.shape[-1]):
            sums += left[..., k : k + 1] * right[..., k : k + 1, :]
    # processors with float16 arithmetic convert infinity to the ends of int32 and NaN to 0
    return np.nan_to_num(sums.astype(np.float64), nan=0.0, posinf=INT32_MAX, neginf=INT32_MIN).astype(np.int64)


def run(request: Request) -> list[Tensor]:
    return by_products(request, product)


MISTAKE = Mistake(
    name="accumulates-in-float16",
    operators=INTEGER_PRODUCTS,
    flags=("above-2^24", "pair-saturation"),
    effect=(
        "Products are summed in float16, which holds every integer only up to 2048: 127·19 = 2413 comes out as 2412, "
        "and everything beyond 65504 as infinity."
    ),
    fix="Sum in int32, whatever the type of the layers around.",
    symptom="nearly everywhere",
    run=run,
)
