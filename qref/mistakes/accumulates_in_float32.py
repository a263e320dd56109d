"""Accumulates in float32: integers above 2^24 are no longer told apart."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    left, right = (a - zero_a).astype(np.float32), (b - zero_b).astype(np.float32)
    sums = np.zeros((left[..., :1] @ right[..., :1, :]).shape, np.float32)
    for k in range(left.shape[-1]):
        sums += left[..., k : k + 1] * right[..., k : k + 1, :]
    return sums.astype(np.int64)


def run(request: Request) -> list[Tensor]:
    return by_products(request, product)


MISTAKE = Mistake(
    name="accumulates-in-float32",
    operators=INTEGER_PRODUCTS,
    flags=("above-2^24",),
    effect=(
        "Products are summed in float32, which holds every integer only up to 2^24 = 16777216: 259 products of 255·255 "
        "make 16841475 and come out as 16841476."
    ),
    fix="Sum in int32. A float32 GEMM is exact for 8-bit operands only up to 258 products.",
    symptom="only above 2^24",
    run=run,
    seen_in=("ROCm/triton#958",),
    real=True,
)
