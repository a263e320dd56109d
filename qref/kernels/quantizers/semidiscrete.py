"""SemidiscreteDecomposition and the factorized layer: the residual kept by rows and by columns, in float64.

A vector x or y changes in few places from one alternation to the next, so s = Ry is kept up to date by adding or taking
away the rows of the columns' copy where y changed; a term is taken from the residual where x and y are not zero.
"""

from typing import Any

import numpy as np
from numba import float32, float64, int8, int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv import float32_direct
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.auto_pad import geometry
from qref.ops.operator import Operator
from qref.ops.qref import semidiscrete as reference
from qref.ops.request import Request
from qref.quantizers.factorized import Factorized
from qref.quantizers.granularity import matrix
from qref.quantizers.semidiscrete import LONGEST, FixedPointFactorized, number_of_epochs, number_of_terms
from qref.quantizers.weights import finite


@njit(float64(float64[::1], int8[::1]), cache=True)
def best(s: Any, x: Any) -> Any:
    """x of −1, 0 and 1 that maximizes (xᵀs)²/xᵀx; its xᵀs. Equal |s| are never parted, so a threshold says all."""
    ordered = np.sort(np.abs(s))
    n = s.size
    total, J, of_J = 0.0, 0, 0.0
    for j in range(1, n + 1):
        total += ordered[n - j]
        if total * total * max(J, 1) > of_J * of_J * j:
            J, of_J = j, total
    least = ordered[n - J] if J else np.inf
    for i in range(n):
        x[i] = 0 if abs(s[i]) < least else (1 if s[i] > 0 else -1)
    return of_J


@njit(int64(float64[:, ::1], int8[::1], int8[::1], float64[::1]), cache=True)
def follow(rows: Any, given: Any, known: Any, s: Any) -> Any:
    """s += Σ (given − known)·rows and known = given; how many places differed."""
    changed = 0
    for j in range(given.size):
        step = given[j] - known[j]
        if step:
            changed += 1
            known[j] = given[j]
            for i in range(s.size):
                s[i] += step * rows[j, i]
    return changed


@njit(void(float64[:, ::1], int8[::1], int8[::1], float64), cache=True)
def add(R: Any, x: Any, y: Any, d: Any) -> None:
    """R += d·x·yᵀ."""
    places = np.flatnonzero(y)
    for i in range(x.size):
        if x[i]:
            for j in places:
                R[i, j] += d * x[i] * y[j]


@njit(void(float64[:, ::1], int8[::1], int8[::1], float64[::1]), cache=True)
def start(C: Any, y: Any, known: Any, s: Any) -> None:
    """y as it is, all ones, or the first column that is not zero: the first with s = Ry ≠ 0; known and s follow."""
    follow(C, y, known, s)
    if s.any():
        return
    y[:] = 1
    follow(C, y, known, s)
    if s.any():
        return
    y[:] = 0
    for j in range(y.size):
        if C[j].any():
            y[j] = 1
            return


@njit(void(float64[:, ::1], float64[:, ::1], int8[:, ::1], float32[::1], int8[:, ::1]), cache=True)
def epoch(R: Any, C: Any, X: Any, D: Any, Y: Any) -> None:
    """Each term once more. R [M, K] and its transpose C [K, M]: the residual; X [k, M] by rows, Y [k, K]."""
    for t in range(D.size):
        x, y = X[t], Y[t]
        if D[t] != 0:
            add(R, x, y, np.float64(D[t]))
            add(C, y, x, np.float64(D[t]))
        s_x, s_y = np.zeros(x.size), np.zeros(y.size)
        x_known, y_known = np.zeros_like(x), np.zeros_like(y)
        start(C, y, y_known, s_x)
        last = y.copy()
        total = 0.0
        for _ in range(LONGEST):
            follow(C, y, y_known, s_x)
            best(s_x, x)
            follow(R, x, x_known, s_y)
            last[:] = y
            total = best(s_y, y)
            same = True
            for j in range(y.size):
                if y[j] != last[j]:
                    same = False
                    break
            if same:
                break
        ones = np.sum(np.abs(x)) * np.sum(np.abs(y))
        d = total / ones if ones else 0.0
        D[t] = min(d, np.finfo(np.float32).max)
        add(R, x, y, -np.float64(D[t]))
        add(C, y, x, -np.float64(D[t]))


def encode(scheme: FixedPointFactorized, W: NDArray[np.float32], **given: Any) -> Factorized:
    """What `scheme.encode(W)` gives, D within its bound."""
    W = finite("W", W)
    M, K = matrix(W.shape)
    k, epochs = number_of_terms(W.shape, scheme.terms), number_of_epochs(scheme.epochs)
    R = W.reshape(M, K).astype(np.float64)
    C = R.T.copy()  # of its own, where M or K is 1 as well
    X, D, Y = np.zeros((k, M), np.int8), np.zeros(k, np.float32), np.zeros((k, K), np.int8)
    for _ in range(epochs if M and K else 0):
        before = X.tobytes(), D.tobytes(), Y.tobytes()
        epoch(R, C, X, D, Y)
        if before == (X.tobytes(), D.tobytes(), Y.tobytes()):
            break
    return Factorized(W.shape, np.ascontiguousarray(X.T), D, Y.reshape(k, *W.shape[1:]))


def convolution(
    layer: Factorized, x: NDArray[np.float32], lie: Geometry, bias: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """What `factorized_layer.convolution` gives, by three steps in float32."""
    Y, one = layer.Y.astype(np.float32), (1,) * len(lie.kernel)
    z = float32_direct.direct(x, float32_direct.pack(Y, lie), lie)
    with np.errstate(over="ignore", invalid="ignore"):
        z = z * layer.D.reshape(-1, *one)
    point = Geometry(one, one, one, (0,) * len(one), (0,) * len(one))
    X = layer.X.astype(np.float32).reshape(*layer.X.shape, *one)
    return float32_direct.direct(np.ascontiguousarray(z), float32_direct.pack(X, point), point, bias=bias)


def semidiscrete_decomposition(request: Request, operator: Operator) -> tuple[Tensor, Tensor, Tensor]:
    """SemidiscreteDecomposition."""
    given = keywords(request, operator)
    [W] = request.inputs
    assert W is not None
    found = encode(reference.scheme_of(W, given.get("terms", 0), given.get("epochs", 1)), W.data)
    return Tensor("int8", found.X), Tensor("float32", found.D), Tensor("int8", found.Y)


def factorized_conv(request: Request, operator: Operator) -> Tensor:
    """FactorizedConv, checked by the reference."""
    keywords(request, operator)
    x, X, D, Y, B = (*request.inputs, None)[:5]
    assert x is not None and X is not None and D is not None and Y is not None
    layer, b = reference.operands(x, X, D, Y, B)
    lie = geometry(x.shape, Y.shape, **request.attributes)
    return Tensor("float32", convolution(layer, x.data, lie, b))
