"""The numbers that decompositions are computed in, and the singular value decomposition of a matrix of them.

The reference computes in decimal with 100 digits, whose every operation is correctly rounded by definition: what comes
out, rounded once to float32, is the exact result, on every machine. The decomposition is Hestenes' ("Inversion of
matrices by biorthogonalization and related results", 1958), one-sided Jacobi: rotations of pairs of rows until all
rows are orthogonal; their lengths are then the singular values.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.numerics.floats import float_format, nearest

FLOAT32 = float_format("float32")
DIGITS = 100
NOTHING = Decimal(10) ** -70
"""What rounding may leave of a zero: smaller parts of the largest singular value, or of a pivot's column, are 0."""
ORTHOGONAL = Decimal(10) ** -85
MOST_WORK = 1 << 20
"""k²·(m + n) of a matrix that is decomposed in decimal, some twenty seconds; k = min(m, n)."""

Matrix = NDArray[Any]  # of Decimals, or of float64
Svd = Callable[[Matrix], tuple[Matrix, Matrix, Matrix]]
"""A [m, n] → U [m, k], σ [k], Vᵀ [k, n], k = min(m, n)."""


@dataclass(frozen=True)
class Arithmetic:
    """What a decomposition computes in.

    numbers: floats → numbers. svd: of a matrix of them. zero: a number below it, relative to what it is
    compared with, is 0. rounded: numbers → float32. context: within which all of it happens.
    """

    numbers: Callable[[NDArray[Any]], Matrix]
    svd: Svd
    zero: Any
    rounded: Callable[[Matrix], NDArray[np.float32]]
    context: Callable[[], AbstractContextManager[Any]]


def precisely() -> AbstractContextManager[Context]:
    """Decimal arithmetic with 100 digits."""
    return localcontext(Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999))


def exact(W: NDArray[Any]) -> Matrix:
    """Each float as the decimal number that it is."""
    found = np.empty(W.size, object)
    found[:] = [Decimal(float(w)) for w in W.reshape(-1)]
    return found.reshape(W.shape)


def rounded(x: Matrix) -> NDArray[np.float32]:
    """Each number rounded once to float32, half to even."""
    flat = [nearest(Fraction(value), FLOAT32) for value in x.reshape(-1)]
    return np.array(flat, np.float32).reshape(x.shape)


def svd(A: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """U, σ and Vᵀ of A = U·diag(σ)·Vᵀ in full precision.

    σ falls, equal ones in the order of the rows (or columns) that they come from; singular values that are 0 have zeros
    for vectors. The first element of largest magnitude of each left vector is positive.

    Raises:
        Unsupported: a matrix that would take minutes.
    """
    m, n = A.shape
    if min(m, n) ** 2 * (m + n) > MOST_WORK:
        raise Unsupported(
            f"a matrix {m}×{n} takes minutes in decimal: give arithmetic FLOAT64 of qref.kernels.compression.low_rank"
        )
    if m > n:
        Vt, sigma, U = svd_of_rows(A.T)
        return with_signs(U.T, sigma, Vt.T, NOTHING)
    return with_signs(*svd_of_rows(A), NOTHING)


def svd_of_rows(A: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """The decomposition of a matrix [m, n] with m ≤ n, signs as they come."""
    m = len(A)
    identity = np.full((m, m), Decimal(0))
    identity[range(m), range(m)] = Decimal(1)
    rows = orthogonalized(np.concatenate([A, identity], axis=1), A.shape[1])
    lengths = np.array([(a @ a).sqrt() if a.size else Decimal(0) for a in rows[:, : A.shape[1]]], object)
    order = sorted(range(m), key=lambda i: -lengths[i])
    largest = max(lengths, default=Decimal(0))
    sigma = np.array([s if s > largest * NOTHING else Decimal(0) for s in lengths[order]], object)
    U, Vt = rows[order, A.shape[1] :].T, rows[order, : A.shape[1]]
    for i, s in enumerate(sigma):
        Vt[i] = Vt[i] / s if s else Vt[i] * 0
        U[:, i] = U[:, i] if s else U[:, i] * 0
    return U, sigma, Vt


def orthogonalized(rows: Matrix, n: int) -> Matrix:
    """Pairs of rows rotated, cyclically, until all are orthogonal in their first n columns."""
    tiny = sum((a * a for a in rows[:, :n].reshape(-1)), Decimal(0)) * NOTHING**2
    turned = True
    while turned:
        turned = False
        for p in range(len(rows)):
            for q in range(p + 1, len(rows)):
                a, b = rows[p, :n], rows[q, :n]
                alpha, beta, gamma = a @ a, b @ b, a @ b
                if gamma == 0 or abs(gamma) <= ORTHOGONAL * (alpha * beta).sqrt() or min(alpha, beta) <= tiny:
                    continue
                rows[p], rows[q] = rotated(rows[p], rows[q], (beta - alpha) / (2 * gamma))
                turned = True
    return rows


def rotated(a: Matrix, b: Matrix, zeta: Decimal) -> tuple[Matrix, Matrix]:
    """The two rows turned by the angle whose cotangent of the double is ζ, so that they become orthogonal."""
    t = (1 if zeta >= 0 else -1) / (abs(zeta) + (1 + zeta * zeta).sqrt())
    c = 1 / (1 + t * t).sqrt()
    return c * a - c * t * b, c * t * a + c * b


def with_signs(U: Matrix, sigma: Matrix, Vt: Matrix, zero: Any) -> tuple[Matrix, Matrix, Matrix]:
    """The first element of largest magnitude of each left vector made positive, by the signs of both vectors."""
    for i in range(len(sigma)):
        if len(U) and U[first_of_largest(U[:, i], zero), i] < 0:
            U[:, i], Vt[i] = -U[:, i], -Vt[i]
    return U, sigma, Vt


def first_of_largest(u: Matrix, zero: Any) -> int:
    """The place of the first element of largest magnitude; elements that differ by what rounding leaves are equal."""
    magnitudes = np.abs(u)
    return int(np.argmax(magnitudes >= magnitudes.max() * (1 - zero)))


PRECISE = Arithmetic(exact, svd, NOTHING, rounded, precisely)
