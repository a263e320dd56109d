"""Pair sums wrap in int16: two s8·s8 products share a 16-bit lane, as SMULL and SMLAL leave them."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    sums = np.zeros((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1]), np.int64)
    for block in range(0, a.shape[-1], 16):
        # SMULL takes elements 0…7 of a block of 16, SMLAL adds elements 8…15 in the same lanes
        for k in range(block, min(block + 8, a.shape[-1])):
            sums += wrap(a[..., k : k + 9 : 8] @ b[..., k : k + 9 : 8, :], 16)
    return sums - zero_a @ b - a @ zero_b + zero_a @ zero_b


def run(request: Request) -> list[Tensor]:
    return by_products(request, product, types=("int8", "int8"))


MISTAKE = Mistake(
    name="pair-sums-wrap-int16",
    operators=INTEGER_PRODUCTS,
    flags=("int16-wrap",),
    effect=(
        "Products k and k + 8 of each 16 are added in int16: −128·−128 twice is 32768 and becomes −32768, so that the "
        "sum is 65536 too small. No other pair of int8 products leaves int16."
    ),
    fix="Widen each product to 32 bits before the next is added (SADALP after every SMULL), or use SDOT.",
    symptom="only when sums overflow",
    run=run,
    seen_in=("microsoft/onnxruntime#31573", "Tencent/ncnn#717"),
    real=True,
)
