"""TernaryWeight, TernaryWeightExact and their step: thresholds in one pass or after one sort, sums in float64.

Where float64 cannot tell on which side a weight lies, or which of two counts is the better, exact sums decide.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numba import float32, float64, int8, int64, njit, void
from numpy.typing import NDArray

from qref.kernels.quantizers.descent import moved
from qref.kernels.quantizers.parts import begins
from qref.numerics.exact_totals import total
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype, same_shape
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.encoded import tensors
from qref.ops.request import Request
from qref.quantizers.descent import RATE
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import Granularity
from qref.quantizers.ternary_weight import TernaryExact, TernaryWeight, optimal_threshold, threshold
from qref.quantizers.thresholds import above
from qref.quantizers.weights import finite


@njit(void(float32[::1], int64[::1], float64[::1], int8[::1]), cache=True)
def thresholds(W: Any, begin: Any, delta: Any, near: Any) -> None:
    """delta[p] = 0.7 · mean |w| of part p; near[p] = 1 where some |w| lies too close to it for float64 to tell.

    What each addition loses is added up beside the sum, so that n roundings count as one.
    """
    for p in range(delta.size):
        total, lost = 0.0, 0.0
        for i in range(begin[p], begin[p + 1]):
            size = abs(np.float64(W[i]))
            s = total + size
            lost += (total - (s - size)) + (size - (s - (s - size)))
            total = s
        d = 7 * (total + lost) / (10 * max(begin[p + 1] - begin[p], 1))
        delta[p], near[p] = d, 0
        for i in range(begin[p], begin[p + 1]):
            if d > 0 and abs(abs(np.float64(W[i])) - d) <= d * 2.0**-50:
                near[p] = 1


@njit(int64(float32[::1], int64[::1]), cache=True)
def best_counts(ascending: Any, found: Any) -> int:
    """Each j whose (Σ of the j largest)² / j float64 cannot tell from the largest, written to `found`; how many."""
    n, best, count = ascending.size, 0.0, 0
    for again in range(2):
        total, lost = 0.0, 0.0
        for j in range(1, n + 1):
            size = np.float64(ascending[n - j])
            s = total + size
            lost += size - (s - total)
            total = s
            gain = (total + lost) / j * (total + lost)
            if not again:
                best = max(best, gain)
            elif gain >= best * (1 - 2.0**-49):
                if count < found.size:
                    found[count] = j
                count += 1
    return count


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
    delta, near = np.empty(begin.size - 1), np.empty(begin.size - 1, np.int8)
    thresholds(W.reshape(-1), begin, delta, near)
    for p in np.flatnonzero(near).tolist():
        first = above(threshold(W.reshape(-1)[begin[p] : begin[p + 1]]))
        delta[p] = np.nextafter(first, np.float32(0))  # a float32 passes the exact threshold where it passes this
    return _scaled(W, begin, delta, scheme.granularity)


def encode_exact(scheme: TernaryExact, W: NDArray[np.float32], **_: Any) -> Scaled:
    """What `scheme.encode(W)` gives, scales within their bound."""
    W = finite("W", W)
    begin = begins(scheme.granularity, W.shape)
    delta = np.zeros(begin.size - 1)
    for p, (a, b) in enumerate(pairwise(begin.tolist())):
        magnitudes = np.abs(W.reshape(-1)[a:b])
        magnitudes.sort()
        delta[p] = _best_threshold(magnitudes)
    return _scaled(W, begin, delta, scheme.granularity)


def _best_threshold(ascending: NDArray[np.float32]) -> float:
    """The largest magnitude that the best j leaves out; where float64 leaves several j, by their exact sums."""
    n, found = ascending.size, np.empty(64, np.int64)
    if not ascending.any():
        return 0.0
    count = best_counts(ascending, found)
    if count > found.size:
        return float(optimal_threshold(ascending))
    js = found[:count].tolist()
    j = js[0] if count == 1 else max(js, key=lambda j: (total(ascending[n - j :]) ** 2 / j, -j))
    return float(ascending[n - j - 1]) if j < n else 0.0


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
    return tensors(encoded)


def ternary_weight_step(request: Request, operator: Operator) -> Tensor:
    """TernaryWeightStep."""
    given = keywords(request, operator)
    W, g = request.inputs
    assert W is not None and g is not None
    dtype("W", W, ("float32",))
    dtype("g", g, ("float32",))
    same_shape("g", g, "W", W)
    return moved(finite("W", W.data), finite("g", g.data), given.get("learning_rate", RATE))
