"""MatMul: product of float or integer matrices.

ONNX MatMul-13: "Matrix product that behaves like numpy.matmul". For floats the text leaves the order of the sum open;
here it is the exact sum, rounded once. Integers wrap, as numpy.matmul's do.
"""

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound, magnitude, of_dot, subnormal_products
from qref.ops.check import dtype, require, same_dtype
from qref.ops.onnx.float_types import INTEGERS, listed, numbers
from qref.ops.operator import Operator

Array = NDArray[np.float64]


def mat_mul(A: Tensor, B: Tensor, *, opset: int = 13) -> Tensor:
    """Y = A·B of numpy.matmul's shape and the operands' type.

    Args:
        A, B: rank 1 or more, of one type: float16, float32; from opset 9 int32, int64, uint32, uint64; from opset 13
            bfloat16.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        Unsupported: float64.
    """
    check(A, B, opset)
    if isinstance(A.format, Integer):
        return Tensor(A.dtype, np.asarray(np.matmul(A.data, B.data)))
    rows, columns = as_matrices(numbers("A", A, listed(opset, (13, ["bfloat16"]))), decode(B))
    y = dot(rows, columns, float_format(A.dtype)).reshape(product_shape(A.shape, B.shape))
    return encode(y, A.dtype)


def check(A: Tensor, B: Tensor, opset: int) -> None:
    """Raises InvalidInput for types and shapes that the text rejects."""
    dtype("A", A, listed(opset, (9, INTEGERS), (13, ["bfloat16"])))
    same_dtype("B", B, "A", A)
    require(len(A.shape) >= 1 and len(B.shape) >= 1, "A and B must have rank 1 or more")
    inner = B.shape[-2] if len(B.shape) > 1 else B.shape[0]
    require(A.shape[-1] == inner, f"A is {list(A.shape)} and B {list(B.shape)}: the inner lengths must be the same")
    try:
        np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    except ValueError:
        require(False, f"A is {list(A.shape)} and B {list(B.shape)}: the leading lengths do not broadcast")


def as_matrices(a: Array, b: Array) -> tuple[Array, Array]:
    """A vector on the left as one row, on the right as one column; matrices and stacks of them as they are."""
    return a.reshape(1, -1) if a.ndim == 1 else a, b.reshape(-1, 1) if b.ndim == 1 else b


def product_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of numpy.matmul's result: the dimension added to a vector goes again."""
    return (*np.broadcast_shapes(a[:-2], b[:-2]), *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def mat_mul_bound(A: Tensor, B: Tensor, *, opset: int = 13) -> list[Bound] | None:
    """The tolerance of a dot product of K products; None for integers, which are exact. Arguments as in `mat_mul`."""
    y = mat_mul(A, B, opset=opset)
    if isinstance(A.format, Integer):
        return None
    rows, columns = as_matrices(decode(A), decode(B))
    M = magnitude(rows, columns)
    flushed = np.broadcast_to(subnormal_products(rows, columns, float_format(A.dtype)), M.shape)
    return [of_dot(y, A.shape[-1] + 1, M.reshape(y.shape), flushed=flushed.reshape(y.shape))]


MAT_MUL = Operator(
    "MatMul",
    "",
    opsets=(1, 9, 13),
    inputs=(2, 2),
    outputs=1,
    attributes={},
    function=mat_mul,
    bound=mat_mul_bound,
)
