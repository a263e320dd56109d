"""MatMulInteger: three loops over a stack of matrices."""

from typing import Any

import numpy as np
from numba import int64, njit, void
from numpy.typing import NDArray

from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.mat_mul_integer import accumulate
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(void(int64[:, :, ::1], int64[:, :, ::1], int64[:, :, ::1]), cache=True)
def matrices(a: Any, b: Any, y: Any) -> None:
    """y[s] = a[s] · b[s] for every matrix of the stack."""
    for s in range(y.shape[0]):
        for m in range(y.shape[1]):
            for k in range(a.shape[2]):
                for n in range(y.shape[2]):
                    y[s, m, n] += a[s, m, k] * b[s, k, n]


def product(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """What `numpy.matmul` gives, on int64 operands whose shapes were checked."""
    A = a[None, :] if a.ndim == 1 else a
    B = b[:, None] if b.ndim == 1 else b
    leading = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    count = int(np.prod(leading, dtype=np.int64))
    stack_a, stack_b = (
        np.array(np.broadcast_to(X, (*leading, *X.shape[-2:])), order="C").reshape(count, *X.shape[-2:]) for X in (A, B)
    )
    y = np.zeros((count, A.shape[-2], B.shape[-1]), np.int64)
    matrices(stack_a, stack_b, y)
    rows, columns = A.shape[-2:-1] if a.ndim > 1 else (), B.shape[-1:] if b.ndim > 1 else ()
    return y.reshape((*leading, *rows, *columns))


def mat_mul_integer(request: Request, operator: Operator) -> Tensor:
    """MatMulInteger, checked by the reference."""
    keywords(request, operator)
    a, b, a_zero_point, b_zero_point = (*request.inputs, None, None)[:4]
    exact = accumulate(a, b, a_zero_point, b_zero_point, product)  # type: ignore[arg-type]
    return Tensor("int32", wrap(exact, 32).astype(np.int32))
