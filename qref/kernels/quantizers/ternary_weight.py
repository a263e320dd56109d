"""TernaryWeight, TernaryWeightExact and their step: thresholds in one pass or after one sort, sums in float64."""

from itertools import pairwise
from typing import Any

import numpy as np
from numba import float32, float64, int8, int64, njit, void
from numpy.typing import NDArray

from qref.kernels.quantizers.descent import moved
from qref.kernels.quantizers.parts import begins
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype, same_shape
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.ops.request import Request
from qref.quantizers.descent import RATE
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import Granularity
from qref.quantizers.ternary_weight import TernaryExact, TernaryWeight
from qref.quantizers.weights import finite


@njit(void(float32[::1], int64[::1], float64[::1]), cache=True)
def thresholds(W: Any, begin: Any, delta: Any) -> None:
    """delta[p] = 0.7 · mean |w| of part p."""
    for p in range(delta.size):
        total = 0.0
        for i in range(begin[p], begin[p + 1]):
            total += abs(np.float64(W[i]))
        delta[p] = 0.7 * total / max(begin[p + 1] - begin[p], 1)


@njit(float64(float32[::1]), cache=True)
def best_threshold(ascending: Any) -> float:
    """The largest magnitude left out by the j that maximizes (Σ of the j largest)² / j."""
    n, total, best, cut = ascending.size, 0.0, -1.0, 0
    for j in range(1, n + 1):
        total += ascending[n - j]
        gain = total / j * total
        if gain > best:
            best, cut = gain, j
    return np.float64(ascending[n - cut - 1]) if cut < n else 0.0


@njit(void(float32[::1], int64[::1], float64[::1], int8[::1], float32[::1]), cache=True)
def patterns(W: Any, begin: Any, delta: Any, T: Any, alpha: Any) -> None:
    """T[i] = sign(W[i]) where |W[i]| > delta[p], else 0; alpha[p] the mean of |w| where T is not 0."""
    for p in range(delta.size):
        total, count = 0.0, 0
        for i in range(begin[p], begin[p + 1]):
            size = abs(np.float64(W[i]))
            if size > delta[p]:
                T[i] = 1 if W[i] > 0 else -1
                total += size
                count += 1
            else:
                T[i] = 0
        alpha[p] = total / count if count else 0.0


def encode(scheme: TernaryWeight, W: NDArray[np.float32], **_: Any) -> Scaled:
    """What `scheme.encode(W)` gives, scales within their bound."""
    W = finite("W", W)
    begin = begins(scheme.granularity, W.shape)
    delta = np.empty(begin.size - 1)
    thresholds(W.reshape(-1), begin, delta)
    return _scaled(W, begin, delta, scheme.granularity)


def encode_exact(scheme: TernaryExact, W: NDArray[np.float32], **_: Any) -> Scaled:
    """What `scheme.encode(W)` gives, scales within their bound."""
    W = finite("W", W)
    begin = begins(scheme.granularity, W.shape)
    delta = np.zeros(begin.size - 1)
    for p, (a, b) in enumerate(pairwise(begin.tolist())):
        magnitudes = np.abs(W.reshape(-1)[a:b])
        magnitudes.sort()
        delta[p] = best_threshold(magnitudes) if magnitudes.size else 0.0
    return _scaled(W, begin, delta, scheme.granularity)


def _scaled(
    W: NDArray[np.float32], begin: NDArray[np.int64], delta: NDArray[np.float64], granularity: Granularity
) -> Scaled:
    T, alpha = np.empty(W.shape, np.int8), np.empty(delta.size, np.float32)
    patterns(W.reshape(-1), begin, delta, T.reshape(-1), alpha)
    return Scaled(T, alpha, granularity, width=2)


def ternary_weight(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """TernaryWeight."""
    return _tensors(encode(TernaryWeight(_granularity(request, operator)), _weights(request)))


def ternary_weight_exact(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """TernaryWeightExact."""
    return _tensors(encode_exact(TernaryExact(_granularity(request, operator)), _weights(request)))


def _granularity(request: Request, operator: Operator) -> Granularity:
    given = keywords(request, operator)
    return grain.of(given.get("granularity", "channel"), given.get("group_size", 0))


def _weights(request: Request) -> NDArray[np.float32]:
    W = request.inputs[0]
    assert W is not None
    dtype("W", W, ("float32",))
    return W.data if W.data.flags.writeable else W.data.copy()


def _tensors(encoded: Scaled) -> tuple[Tensor, Tensor]:
    return Tensor("int8", encoded.codes), Tensor("float32", encoded.scales)


def ternary_weight_step(request: Request, operator: Operator) -> Tensor:
    """TernaryWeightStep."""
    given = keywords(request, operator)
    W, g = request.inputs
    assert W is not None and g is not None
    dtype("W", W, ("float32",))
    dtype("g", g, ("float32",))
    same_shape("g", g, "W", W)
    return moved(finite("W", W.data), finite("g", g.data), given.get("learning_rate", RATE))
