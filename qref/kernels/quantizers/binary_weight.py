"""BinaryWeight and BinaryWeightStep: signs and the sum of |w| in one pass, sums in float64."""

from typing import Any

import numpy as np
from numba import float32, float64, int8, int64, njit, void
from numpy.typing import NDArray

from qref.kernels.quantizers.parts import begins
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype, same_shape
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.encoded import tensors
from qref.ops.request import Request
from qref.quantizers.binary_weight import BinaryWeight
from qref.quantizers.encoded import Scaled
from qref.quantizers.weights import finite


@njit(void(float32[::1], int64[::1], int8[::1], float32[::1]), cache=True)
def signs(W: Any, begin: Any, B: Any, alpha: Any) -> None:
    """B[i] = sign(W[i]); alpha[p] the mean of |w| of part p, 0 for a part without weights."""
    for p in range(alpha.size):
        total = 0.0
        for i in range(begin[p], begin[p + 1]):
            B[i] = 1 if W[i] >= 0 else -1
            total += abs(np.float64(W[i]))
        n = begin[p + 1] - begin[p]
        alpha[p] = total / n if n else 0.0


def encode(scheme: BinaryWeight, W: NDArray[np.float32], **_: Any) -> Scaled:
    """What `scheme.encode(W)` gives, scales within their bound."""
    W = finite("W", W)
    begin = begins(scheme.granularity, W.shape)
    B, alpha = np.empty(W.shape, np.int8), np.empty(begin.size - 1, np.float32)
    signs(W.reshape(-1), begin, B.reshape(-1), alpha)
    return Scaled(B, alpha, scheme.granularity, width=1)


@njit(void(float32[::1], float32[::1], int64[::1], float32[::1], float64, float32[::1], float32[::1]), cache=True)
def stepped(W: Any, g: Any, begin: Any, alpha: Any, eta: Any, G: Any, updated: Any) -> None:
    """G[i] = g[i]·(1/n + α where |W[i]| ≤ 1), updated[i] = W[i] − η·G[i], in float64."""
    for p in range(alpha.size):
        n = begin[p + 1] - begin[p]
        for i in range(begin[p], begin[p + 1]):
            factor = 1.0 / n + (np.float64(alpha[p]) if abs(W[i]) <= 1 else 0.0)
            G[i] = g[i] * factor
            updated[i] = W[i] - eta * (g[i] * factor)


def binary_weight_step(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """BinaryWeightStep."""
    usual = {name: attribute.default for name, attribute in operator.attributes.items()}
    given = {**usual, **keywords(request, operator)}
    W, g = request.inputs
    assert W is not None and g is not None
    dtype("W", W, ("float32",))
    dtype("g", g, ("float32",))
    same_shape("g", g, "W", W)
    parts = grain.of(given["granularity"], given["group_size"])
    weights, gradient = finite("W", W.data), finite("g", g.data)
    alpha = encode(BinaryWeight(parts), weights).scales
    G, updated = np.empty_like(weights), np.empty_like(weights)
    first, second = weights.reshape(-1), gradient.reshape(-1)
    stepped(first, second, begins(parts, W.shape), alpha, given["learning_rate"], G.reshape(-1), updated.reshape(-1))
    return Tensor("float32", G), Tensor("float32", updated)


def binary_weight(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """BinaryWeight."""
    given = keywords(request, operator)
    [W] = request.inputs
    assert W is not None
    dtype("W", W, ("float32",))
    encoded = encode(BinaryWeight(grain.of(given.get("granularity", "channel"), given.get("group_size", 0))), W.data)
    return tensors(encoded)
