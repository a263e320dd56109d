"""InnerProductHashing: the Gram matrix once, then a coordinate in constant time and a change of sign in K adds."""

from typing import Any

import numpy as np
from numba import boolean, float64, int8, int64, njit
from numpy.typing import NDArray

from qref.kernels.quantizers import binary_weight
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype
from qref.ops.operator import Operator
from qref.ops.request import Request
from qref.quantizers.binary_weight import BinaryWeight
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import CHANNEL, matrix
from qref.quantizers.inner_product_hashing import SWEEPS, InnerProductHashing, given_inputs
from qref.quantizers.weights import finite

HIGHEST = float(np.finfo(np.float32).max)


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


@njit(int64(float64[:, ::1], float64[:, ::1], float64[:, ::1], int8[:, ::1], float64[::1]), cache=True)
def hashing(G: Any, V: Any, H: Any, B: Any, alpha: Any) -> Any:
    """All channels to their ends; how many sweeps it took."""
    sweeps = 0
    for m in range(alpha.size):
        b, h = B[m], H[m]
        for _ in range(SWEEPS):
            sweeps += 1
            changed, begin = sweep(G, V[m], h, b, alpha[m]), alpha[m]
            top, energy = 0.0, 0.0
            for j in range(b.size):
                top += b[j] * V[m, j]
                energy += b[j] * h[j]
            if energy > 0:
                alpha[m] = top / energy
            if not changed and alpha[m] == begin:
                break
    return sweeps


def encode(
    scheme: InnerProductHashing, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, **_: Any
) -> Scaled:
    """What `scheme.encode(W, inputs=…)` gives, scales within their bound."""
    W = finite("W", W)
    X = given_inputs(W, inputs).astype(np.float64)
    begin = binary_weight.encode(BinaryWeight(CHANNEL), W)
    w, B = W.reshape(matrix(W.shape)).astype(np.float64), begin.codes.reshape(matrix(W.shape))
    G = np.ascontiguousarray(X.T @ X)
    alpha = begin.scales.astype(np.float64)
    hashing(G, np.ascontiguousarray(w @ G), np.ascontiguousarray(B @ G), B, alpha)
    return Scaled(B.reshape(W.shape), np.clip(alpha, -HIGHEST, HIGHEST).astype(np.float32), CHANNEL, width=1)


def inner_product_hashing(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """InnerProductHashing."""
    keywords(request, operator)
    W, X = request.inputs
    assert W is not None and X is not None
    dtype("W", W, ("float32",))
    dtype("X", X, ("float32",))
    encoded = encode(InnerProductHashing(), W.data, inputs=X.data)
    return Tensor("int8", encoded.codes), Tensor("float32", encoded.scales)
