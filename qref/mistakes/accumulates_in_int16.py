"""Accumulates in int16: the whole sum of products is kept in 16 bits and wraps."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import Array, by_products
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("ConvInteger", "MatMulInteger")


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    return wrap((a - zero_a) @ (b - zero_b), 16)


def run(request: Request) -> list[Tensor]:
    return by_products(request, product, OPERATORS)


MISTAKE = Mistake(
    name="accumulates-in-int16",
    operators=OPERATORS,
    flags=("int16-wrap", "pair-saturation", "above-2^24"),
    effect=(
        "Sums wrap at 16 bits: three products of 127·127 make 48387 and come out as −17149. One or two small products "
        "are right, so that tiny tests pass."
    ),
    fix="Accumulate in 32 bits; a 16-bit partial sum holds two products at most and must be widened after them.",
    symptom="only when sums overflow",
    run=run,
    seen_in=("microsoft/BitNet#459", "Tencent/ncnn#717"),
    real=True,
)
