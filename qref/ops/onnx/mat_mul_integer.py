"""MatMulInteger: product of integer matrices with zero points, to int32.

ONNX MatMulInteger-10: shapes as numpy.matmul; "The production MUST never overflow. The accumulation may overflow if
and only if in 32 bits."
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.fixed_point import INT32_MAX, INT32_MIN
from qref.numerics.saturation import saturate, wrap
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require, same_dtype
from qref.ops.onnx.conv_integer import INT8
from qref.ops.operator import Operator

Product = Callable[[NDArray[Any], NDArray[Any], NDArray[np.int64], NDArray[np.int64]], NDArray[Any]]
"""(A, B, z_a, z_b) → (A − z_a)(B − z_b) in int64, of numpy.matmul's shape; zero points broadcast with their matrix."""


def multiplied(A: NDArray[Any], B: NDArray[Any], z_a: NDArray[np.int64], z_b: NDArray[np.int64]) -> NDArray[Any]:
    """(A − z_a)(B − z_b) in int64."""
    return np.asarray(np.matmul(A.astype(np.int64) - z_a, B.astype(np.int64) - z_b))


def mat_mul_integer(
    A: Tensor,
    B: Tensor,
    a_zero_point: Tensor | None = None,
    b_zero_point: Tensor | None = None,
    *,
    opset: int = 10,
) -> Tensor:
    """Y = (A − a_zero_point)(B − b_zero_point), int32, of numpy.matmul's shape.

    Args:
        A, B: int8 or uint8 each, rank 1 or more.
        a_zero_point: scalar; [M], one a row of a matrix A; or [..., M, 1]. b_zero_point: scalar; [N], one a column of a
            matrix B; or [..., 1, N]. Absent: zero.

    Returns:
        The exact sums, wrapped to 32 bits where they leave int32.

    Raises:
        InvalidInput: types or shapes that the text rejects.
    """
    return Tensor("int32", wrap(accumulate(A, B, a_zero_point, b_zero_point), 32).astype(np.int32))


def accumulate(
    a: Tensor, b: Tensor, a_zero_point: Tensor | None, b_zero_point: Tensor | None, product: Product = multiplied
) -> NDArray[Any]:
    """The exact sums in int64 by one algorithm or another, shared with QLinearMatMul."""
    dtype("A", a, INT8)
    dtype("B", b, INT8)
    require(len(a.shape) >= 1 and len(b.shape) >= 1, "A and B must have rank 1 or more")
    zero_a = zero_b = np.zeros((), np.int64)
    if a_zero_point is not None:
        same_dtype("a_zero_point", a_zero_point, "A", a)
        zero_a = per_row("a_zero_point", a_zero_point.data.astype(np.int64), a.shape)
    if b_zero_point is not None:
        same_dtype("b_zero_point", b_zero_point, "B", b)
        zero_b = per_column("b_zero_point", b_zero_point.data.astype(np.int64), b.shape)
    inner = b.shape[-2] if len(b.shape) > 1 else b.shape[0]
    require(a.shape[-1] == inner, f"A is {list(a.shape)} and B {list(b.shape)}: the inner lengths must be the same")
    try:
        np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError:
        require(False, f"A is {list(a.shape)} and B {list(b.shape)}: the leading lengths do not broadcast")
    return product(a.data, b.data, zero_a, zero_b)


def per_row(name: str, values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """A scalar, or one value a row of a left operand of `shape`, shaped to broadcast with it.

    [M] for a matrix; [..., M, 1] in general. Raises InvalidInput for any other shape.
    """
    if values.ndim == 0:
        return values
    if len(shape) == 2 and values.shape == (shape[0],):
        return values.reshape(-1, 1)
    wanted = (*shape[:-1], 1)
    require(
        len(shape) >= 2 and values.shape == wanted,
        f"{name} has shape {list(values.shape)}: give a scalar or {list(wanted)}",
    )
    return values


def per_column(name: str, values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """A scalar, or one value a column of a right operand of `shape`, shaped to broadcast with it.

    [N] for a matrix; [..., 1, N] in general. Raises InvalidInput for any other shape.
    """
    if values.ndim == 0:
        return values
    if len(shape) == 2 and values.shape == (shape[1],):
        return values.reshape(1, -1)
    wanted = (*shape[:-2], 1, shape[-1])
    require(
        len(shape) >= 2 and values.shape == wanted,
        f"{name} has shape {list(values.shape)}: give a scalar or {list(wanted)}",
    )
    return values


def saturated(
    A: Tensor,
    B: Tensor,
    a_zero_point: Tensor | None = None,
    b_zero_point: Tensor | None = None,
    *,
    opset: int = 10,
) -> list[tuple[str, tuple[Tensor, ...]]]:
    """Where the exact sum leaves int32, the sum saturated: the text lets the accumulation overflow, not how."""
    held = saturate(accumulate(A, B, a_zero_point, b_zero_point), INT32_MIN, INT32_MAX).astype(np.int32)
    return [("the accumulator saturated to int32", (Tensor("int32", held),))]


MAT_MUL_INTEGER = Operator(
    "MatMulInteger",
    "",
    opsets=(10,),
    inputs=(2, 4),
    outputs=1,
    attributes={},
    function=mat_mul_integer,
    alternatives=saturated,
)
