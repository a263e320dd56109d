"""Low rank in float64 by LAPACK: the engine for real layers, within the reference's bounds, never its definition."""

from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from qref.compression.low_rank.arithmetic import Arithmetic, Matrix, with_signs
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.operator import Operator
from qref.ops.request import Request

NOTHING = 2.0**-44  # what rounding may leave of a zero, relative to the largest singular value


def svd(A: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """U, σ and Vᵀ, scaled to about 1 on the way; signs and zeros as the reference has them."""
    exponent = int(np.frexp(np.abs(A).max(initial=0.0))[1])
    U, sigma, Vt = linalg.svd(np.ldexp(A, -exponent), full_matrices=False, check_finite=False) if A.size else empty(A)
    zero = sigma <= sigma.max(initial=0.0) * NOTHING
    sigma[zero], U[:, zero], Vt[zero] = 0, 0, 0
    U, sigma, Vt = with_signs(U, sigma, Vt, NOTHING)
    return U, np.ldexp(sigma, exponent), Vt


def empty(A: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """The decomposition of a matrix without elements."""
    k = min(A.shape)
    return np.zeros((A.shape[0], k)), np.zeros(k), np.zeros((k, A.shape[1]))


def numbers(W: NDArray[np.float32]) -> Matrix:
    return W.astype(np.float64)


def rounded(x: Matrix) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(x, np.float32)


FLOAT64 = Arithmetic(numbers, svd, NOTHING, rounded, nullcontext)
"""The arithmetic of the fast path."""


def in_float64(request: Request, operator: Operator) -> Tensor | tuple[Tensor, ...]:
    """The operator of the request, its decompositions in float64."""
    given: dict[str, Any] = keywords(request, operator)
    return operator.function(*request.inputs, **given, arithmetic=FLOAT64)
