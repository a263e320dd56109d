"""Zero point subtracted in eight bits: x − zero point wraps in the operand's own type."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_PRODUCTS, Array, by_products, operands
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
        left, right = (dtype == "int8" for dtype in operands(request).types)
        return wrap(a - zero_a, 8, left) @ wrap(b - zero_b, 8, right)

    return by_products(request, product)


MISTAKE = Mistake(
    name="zero-point-subtracted-in-eight-bits",
    operators=INTEGER_PRODUCTS,
    flags=("zero-point-ends", "range-ends", "zero-point"),
    effect="The difference needs nine bits: int8 100 − (−100) = 200 wraps to −56, uint8 3 − 5 = −2 to 254.",
    fix="Widen to 16 bits or more before the zero point is subtracted.",
    symptom="only with a zero point",
    run=run,
    seen_in=("pytorch/executorch#20655",),
    real=True,
)
