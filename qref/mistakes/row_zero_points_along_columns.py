"""Row zero points along columns: a_zero_point [M] broadcast with A [M, K] by trailing dimensions, as NumPy does."""

from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_MATRIX_PRODUCTS, POSITIONS, Array, by_products, zero_point
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, INTEGER_MATRIX_PRODUCTS)
    zeros = zero_point(request, POSITIONS[request.op].left_zero_point)

    def product(a: Array, b: Array, zero_a: Array, zero_b: Array) -> Array:
        if zeros.ndim != 1:
            return (a - zero_a) @ (b - zero_b)
        if zeros.shape != a.shape[-1:]:
            raise Unsupported(f"a_zero_point {list(zeros.shape)} does not broadcast with A {list(a.shape)}")
        return (a - zeros) @ (b - zero_b)

    return by_products(request, product, INTEGER_MATRIX_PRODUCTS)


MISTAKE = Mistake(
    name="row-zero-points-along-columns",
    operators=INTEGER_MATRIX_PRODUCTS,
    flags=("per-row",),
    effect=(
        "A − a_zero_point with a_zero_point [M] broadcasts along the columns of A: with zero points 1 and 5, A[0, 1] = "
        "7 counts as 2 instead of 6. Only a square A has a shape for it; elsewhere the engine stops."
    ),
    fix="Give a 1-D a_zero_point the shape [M, 1] before it is subtracted.",
    symptom="only in some shapes",
    run=run,
)
