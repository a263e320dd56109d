"""InnerProductHashing: the Gram matrix once, then a coordinate in constant time and a change of sign in K adds.

Where that matrix would be too large, a coordinate takes two passes over its inputs.
"""

from typing import Any

import numpy as np
from numba import boolean, float64, int8, njit, void
from numpy.typing import NDArray

from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype
from qref.ops.operator import Operator
from qref.ops.qref.encoded import tensors
from qref.ops.request import Request
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import CHANNEL, matrix
from qref.quantizers.inner_product_hashing import SWEEPS, InnerProductHashing, given_inputs
from qref.quantizers.weights import finite

HIGHEST = float(np.finfo(np.float32).max)
LARGEST = 1 << 13  # weights of a channel whose Gram matrix, half a gigabyte, is made


@njit(boolean(float64[:, ::1], float64[::1], float64[::1], int8[::1], float64), cache=True)
def sweep(G: Any, v: Any, h: Any, b: Any, alpha: Any) -> Any:
    """Every b_j once, h = Gb kept up to date; whether any changed."""
    changed = False
    for j in range(b.size):
        gain = alpha * (v[j] - alpha * (h[j] - G[j, j] * b[j]))
        if gain * b[j] < 0:
            b[j] = -b[j]
            changed = True
            step = 2.0 * b[j]
            for i in range(b.size):
                h[i] += step * G[j, i]
    return changed


@njit(boolean(float64[:, ::1], float64[::1], float64[::1], int8[::1], float64), cache=True)
def sweep_by_samples(C: Any, s: Any, u: Any, b: Any, alpha: Any) -> Any:
    """As `sweep`, by the inputs C [K, samples] themselves: s = Xw, u = Xb kept up to date."""
    changed = False
    for j in range(b.size):
        wanted, found, energy = 0.0, 0.0, 0.0
        for n in range(u.size):
            wanted += C[j, n] * s[n]
            found += C[j, n] * u[n]
            energy += C[j, n] * C[j, n]
        if alpha * (wanted - alpha * (found - energy * b[j])) * b[j] < 0:
            b[j] = -b[j]
            changed = True
            for n in range(u.size):
                u[n] += 2.0 * b[j] * C[j, n]
    return changed


@njit(void(float64[:, ::1], float64[:, ::1], float64[:, ::1], int8[:, ::1], float64[::1], boolean), cache=True)
def hashing(G: Any, V: Any, H: Any, B: Any, alpha: Any, gram: Any) -> None:
    """All channels to their ends: V = WG and H = BG for the Gram matrix, XW and XB for inputs in its place."""
    for m in range(alpha.size):
        v, h, b = V[m], H[m], B[m]
        for _ in range(SWEEPS):
            begin = alpha[m]
            changed = sweep(G, v, h, b, begin) if gram else sweep_by_samples(G, v, h, b, begin)
            top, energy = 0.0, 0.0
            for j in range(h.size):
                along = np.float64(b[j]) if gram else h[j]
                top += along * v[j]
                energy += along * h[j]
            if energy > 0:
                alpha[m] = top / energy
            if not changed and alpha[m] == begin:
                break


def encode(
    scheme: InnerProductHashing, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, **_: Any
) -> Scaled:
    """What `scheme.encode(W, inputs=…)` gives, scales within their bound."""
    W = finite("W", W)
    X = given_inputs(W, inputs).astype(np.float64)
    w = W.reshape(matrix(W.shape)).astype(np.float64)
    B = np.where(w >= 0, np.int8(1), np.int8(-1))
    gram = w.shape[1] <= LARGEST
    G = X.T @ X if gram else X.T
    V, H = (w @ G, B @ G) if gram else (w @ X.T, B @ X.T)
    alpha = np.abs(w).sum(axis=1) / max(w.shape[1], 1)  # not rounded to float32, where it may be subnormal
    hashing(np.ascontiguousarray(G), np.ascontiguousarray(V), np.ascontiguousarray(H), B, alpha, gram)
    return Scaled(B.reshape(W.shape), np.clip(alpha, -HIGHEST, HIGHEST).astype(np.float32), CHANNEL, width=1)


def inner_product_hashing(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """InnerProductHashing."""
    keywords(request, operator)
    W, X = request.inputs
    assert W is not None and X is not None
    dtype("W", W, ("float32",))
    dtype("X", X, ("float32",))
    encoded = encode(InnerProductHashing(), W.data, inputs=X.data)
    return tensors(encoded)
