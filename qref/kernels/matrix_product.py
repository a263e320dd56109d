"""The product of stacks of matrices: of float32 by `qref.kernels.float_product`, of int64 by plain loops."""

import math
from typing import Any

import numpy as np
from numba import int64, njit, void
from numpy.typing import NDArray

from qref.kernels import float_product
from qref.kernels.conv.rows import COLUMNS, DEPTH, LOOP, add_rows


@njit(void(int64[:, :], int64[:, ::1], int64[::1], int64[:, ::1]), **LOOP)
def whole_product(a: Any, b: Any, starts: Any, y: Any) -> None:
    """y += a·b modulo 2⁶⁴. a: [M, K]. b: [K, N]. starts: N·k. y: [M, N]."""
    flat = b.reshape(-1)
    for begin in range(0, b.shape[1], COLUMNS):
        end = min(begin + COLUMNS, b.shape[1])
        for k in range(0, starts.size, DEPTH):
            until = min(k + DEPTH, starts.size)
            for m in range(a.shape[0]):
                add_rows(y[m, begin:end], a[m, k:until], flat, starts[k:until], begin)


def stacks(a: NDArray[Any], b: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], tuple[int, ...]]:
    """Operands of `numpy.matmul` as stacks A [..., M, K] and B [..., K, N] of as many matrices, and the result's shape.

    Where B is one matrix, all matrices of A are one as well, so that B is met once.
    """
    A = a[None, :] if a.ndim == 1 else a
    B = b[:, None] if b.ndim == 1 else b
    leading = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    shape = (*leading, *a.shape[-2:-1], *(B.shape[-1:] if b.ndim > 1 else ()))
    if B.ndim == 2:
        return A.reshape(math.prod(A.shape[:-1]), A.shape[-1]), B, shape
    return np.broadcast_to(A, (*leading, *A.shape[-2:])), np.broadcast_to(B, (*leading, *B.shape[-2:])), shape


def product(a: NDArray[Any], b: NDArray[Any], threads: int = 1) -> NDArray[Any]:
    """What `numpy.matmul` gives, on operands of one type, int64 or float32, whose shapes were checked."""
    A, B, shape = stacks(a, b)
    y = np.zeros((*A.shape[:-1], B.shape[-1]), a.dtype)
    for place in np.ndindex(*y.shape[:-2]):
        if a.dtype == np.float32:
            float_product.product(A[place], B[place], y[place], threads)
        else:
            matrix = np.require(B[place], requirements=["C", "W"])
            rows = np.require(A[place], requirements="W")
            whole_product(rows, matrix, np.arange(len(matrix)) * matrix.shape[1], y[place])
    return y.reshape(shape)
