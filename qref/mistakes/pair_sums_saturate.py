"""Pair sums saturate: u8·s8 products added two by two in 16 bits, as vpmaddubsw does."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products
from qref.numerics.saturation import saturate
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def pair_sums(a: Array, b: Array) -> Array:
    """Σ over pairs k, k + 1 of a·b, each pair's sum held in int16; the raw codes, without zero points."""
    sums = np.zeros((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1]), np.int64)
    for k in range(0, a.shape[-1], 2):
        sums += saturate(a[..., k : k + 2] @ b[..., k : k + 2, :], -(2**15), 2**15 - 1)
    return sums


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    return pair_sums(a, b) - zero_a @ b - a @ zero_b + zero_a @ zero_b


def run(request: Request) -> list[Tensor]:
    return by_products(request, product, types=("uint8", "int8"))


MISTAKE = Mistake(
    name="pair-sums-saturate",
    operators=INTEGER_PRODUCTS,
    flags=("pair-saturation", "mixed-sign"),
    effect=(
        "vpmaddubsw adds u8·s8 products two by two and holds each sum at 32767: 211·71 + 171·107 = 33278 becomes "
        "32767, so that a sum is off by 511. Full-range weights only; with weights in −64…63 nothing shows."
    ),
    fix=(
        "Widen to 32 bits before the sum of two products (VPDPBUSD, or sign-extend and vpmaddwd), or keep weights to 7 "
        "bits."
    ),
    symptom="only when sums overflow",
    run=run,
    seen_in=(
        "pytorch/pytorch#44939",
        "pytorch/pytorch#76390",
        "pytorch/FBGEMM#125",
        "microsoft/onnxruntime#6004",
        "microsoft/onnxruntime#5849",
    ),
    real=True,
)
