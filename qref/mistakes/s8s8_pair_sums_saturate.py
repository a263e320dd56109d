"""s8·s8 pair sums saturate: int8 activations moved up by 128 for vpmaddubsw, whose pair sums then do not fit."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.pair_sums_saturate import pair_sums
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
    moved, zero = a + 128, zero_a + 128
    return pair_sums(moved, b) - zero @ b - moved @ zero_b + zero @ zero_b


def run(request: Request) -> list[Tensor]:
    return by_products(request, product, types=("int8", "int8"))


MISTAKE = Mistake(
    name="s8s8-pair-sums-saturate",
    operators=INTEGER_PRODUCTS,
    flags=("pair-saturation",),
    effect=(
        "int8 activations are stored as x + 128, so that vpmaddubsw takes them; 127·127 twice becomes 255·127 twice = "
        "64770, held at 32767, and after the correction by 128·Σw 255 stands where 32258 belongs."
    ),
    fix="Widen to 32 bits before the sum of two products; the shift by 128 alone does not make s8·s8 safe.",
    symptom="only when sums overflow",
    run=run,
)
