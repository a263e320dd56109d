"""Batch broadcast by modulo: output matrix i takes matrix i mod n of each operand's stack."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import MATRIX_PRODUCTS, Array, by_products
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    left, right = a - zero_a, b - zero_b
    stack = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    rows, columns = left.shape[-2], right.shape[-1]
    left, right = (v.reshape(int(np.prod(v.shape[:-2])), *v.shape[-2:]) for v in (left, right))
    sums = np.zeros((int(np.prod(stack)), rows, columns), left.dtype)
    for i in range(len(sums)):
        sums[i] = left[i % len(left)] @ right[i % len(right)]
    return sums.reshape(*stack, rows, columns)


def run(request: Request) -> list[Tensor]:
    return by_products(request, product, MATRIX_PRODUCTS)


MISTAKE = Mistake(
    name="batch-broadcast-by-modulo",
    operators=MATRIX_PRODUCTS,
    flags=("batch", "broadcast"),
    effect=(
        "A [2, 2, …] with B [2, 1, …]: output matrices 0 and 1 should take B[0], 2 and 3 B[1]; they take B[0], B[1], "
        "B[0], B[1]. Right where the stacks are equal, or the smaller one's leading lengths are 1."
    ),
    fix="Broadcast each leading dimension by itself, as numpy.matmul does.",
    symptom="only in some shapes",
    run=run,
)
