"""What mistakes in element-wise operators share: results before they are rounded, replaced elements."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.float_products import two
from qref.mistakes.products import Array, left_of, raw
from qref.numerics.floats import decode, encode
from qref.numerics.formats import Integer, integer
from qref.numerics.tensor import Tensor
from qref.ops.onnx.leaky_relu import ALPHA
from qref.ops.request import Request

BINARY = ("Add", "Sub", "Mul", "Div")
OPERATIONS: dict[str, Any] = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}
# operators whose results are one rounding away from a sum, a difference or a product
ONE_OPERATION = ("Add", "Sub", "Mul", "LeakyRelu", "PRelu")


def is_whole(request: Request) -> bool:
    """Whether the first input holds integers."""
    return isinstance(left_of(request).format, Integer)


def computed(request: Request, number: type[np.floating[Any]] = np.float64) -> NDArray[Any]:
    """The result of a binary operator, LeakyRelu or PRelu in the arithmetic of `number`, not rounded further."""
    x = raw(left_of(request)).astype(number)
    with np.errstate(all="ignore"):
        if request.op == "LeakyRelu":
            return np.where(x < 0, number(request.attributes.get("alpha", ALPHA)) * x, x)
        other = raw(two(request)[1]).astype(number)
        if request.op == "PRelu":
            return np.where(x < 0, other * x, x)
        return np.asarray(OPERATIONS[request.op](x, other))


def replaced(request: Request, where: NDArray[np.bool_], by: Array | float) -> list[Tensor]:
    """The right answer, with `by` in some places."""
    (y,) = rerun(request)
    return [encode(np.where(where, by, decode(y)), y.dtype)]


def saturated(values: NDArray[Any], dtype: str) -> Tensor:
    """Numbers as integers of `dtype`, without their fractions, as a conversion that saturates gives them."""
    format = integer(dtype)
    held = np.frompyfunc(lambda v: min(max(int(v), format.lowest), format.highest), 1, 1)(values)
    return Tensor(dtype, np.asarray(held, object).astype(format.storage))


def with_trailing_ones(request: Request, operators: tuple[str, ...]) -> list[Tensor]:
    """The answer where the operand of lower rank is aligned with the first dimensions of the other."""
    check(request, operators)
    a, b = two(request)
    rank = max(len(a.shape), len(b.shape))
    shapes = [(*t.shape, *[1] * (rank - len(t.shape))) for t in (a, b)]
    shaped = {i: Tensor(t.dtype, t.data.reshape(shapes[i])) for i, t in enumerate((a, b))}
    return rerun(request, inputs=shaped)
