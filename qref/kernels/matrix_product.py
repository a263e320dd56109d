"""The product of stacks of matrices, int64 or float32, by the loop of `qref.kernels.conv.rows`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.kernels.conv.kernel import contiguous
from qref.kernels.conv.rows import product as rows_product


def product(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """What `numpy.matmul` gives, on operands of one type, int64 or float32, whose shapes were checked."""
    A = a[None, :] if a.ndim == 1 else a
    B = b[:, None] if b.ndim == 1 else b
    leading = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    count, (K, n) = int(np.prod(leading, dtype=np.int64)), B.shape[-2:]
    stack_a, stack_b = (
        contiguous(np.broadcast_to(X, (*leading, *X.shape[-2:]))).reshape(count, *X.shape[-2:]) for X in (A, B)
    )
    y = np.zeros((count, A.shape[-2], 1, n), a.dtype)
    starts = np.arange(K) * n
    for s in range(count):
        rows_product(0, A.shape[-2], stack_a[s], stack_b[s].reshape(-1), starts, 0, y[s])
    rows, columns = A.shape[-2:-1] if a.ndim > 1 else (), B.shape[-1:] if b.ndim > 1 else ()
    return y.reshape((*leading, *rows, *columns))
