"""OptimalScale: alternation on sorted magnitudes, so that a step costs K searches and no pass over the weights.

Σ|w|·b is the sum over k of the magnitudes that reach (k − 1/2)·α, each a tail of the sorted ones: a search and a number
from a table. The scales run one way (qref/quantizers/optimal_scale.py), so codes stay where Σb² does. Sums are float64;
where a magnitude lies so near a boundary that they might not tell its side, the step is taken exactly, as the reference
takes it.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from numba import boolean, float32, float64, int8, int64, njit, types, void
from numpy.typing import NDArray

from qref.kernels.quantizers.parts import begins
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.encoded import tensors
from qref.ops.request import Request
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import Granularity
from qref.quantizers.optimal_scale import OptimalScale, best_scale, codes, highest_code
from qref.quantizers.weights import finite

SHORT = 1024  # parts up to here are summed weight by weight
BLOCK = 16  # magnitudes a number of the table of tails
NEAR = 2.0**-41  # sums of SHORT terms err by less than 2⁻⁴² of themselves
NEARER = 2.0**-45  # and sums of 127 tails, each right to 2⁻⁵⁰ of itself, by less than this

SUMS = types.Tuple((float64, int64, int64, boolean))


@njit(float64[::1](float32[::1]), cache=True)
def tails(a: Any) -> Any:
    """T[j] = the sum of a from 16·j on, compensated: each is right to 2⁻⁵¹ of itself. Nothing where a is short."""
    if a.size <= SHORT:
        return np.zeros(0)
    T = np.zeros(a.size // BLOCK + 1)
    total, lost = 0.0, 0.0
    for j in range(T.size - 1, -1, -1):
        own = 0.0
        for i in range(BLOCK * j, min(BLOCK * (j + 1), a.size)):
            own += a[i]
        y = own - lost
        after = total + y
        lost = (after - total) - y
        total = after
        T[j] = total
    return T


@njit(int64(float32[::1], float64), cache=True)
def first_of(a: Any, bar: Any) -> Any:
    """The first place in ascending a whose number is `bar` or more."""
    low, high = 0, a.size
    while low < high:
        middle = (low + high) >> 1
        if a[middle] < bar:
            low = middle + 1
        else:
            high = middle
    return low


@njit(SUMS(float32[::1], float64[::1], int64, float64), cache=True)
def sums(a: Any, T: Any, K: Any, alpha: Any) -> Any:
    """Σ|w|·b, Σb² and Σb of the codes of α, and whether a magnitude is too near a boundary to be sure of its code."""
    S, Q, N, near = 0.0, 0, 0, False
    if a.size <= SHORT:
        for w in a:
            x = w / alpha + 0.5
            b = min(np.floor(x), np.float64(K))
            k = np.rint(x)
            near |= abs(x - k) <= NEAR * x and 1 <= k <= K
            S += w * b
            Q += int(b) * int(b)
            N += int(b)
        return S, Q, N, near
    for k in range(1, K + 1):
        bar = (k - 0.5) * alpha
        i = first_of(a, bar)
        near |= (i < a.size and a[i] - bar <= NEARER * bar) or (i > 0 and bar - a[i - 1] <= NEARER * bar)
        if i == a.size:
            break
        j = -(-i // BLOCK)
        tail = T[j] if j < T.size else 0.0
        for m in range(i, min(BLOCK * j, a.size)):
            tail += a[m]
        S += tail
        Q += (2 * k - 1) * (a.size - i)
        N += a.size - i
    return S, Q, N, near


@njit(void(float32[::1], int64[::1], int64, float64[::1], float64[::1], boolean[::1]), cache=True)
def run(a: Any, begin: Any, K: Any, alpha: Any, before: Any, uncertain: Any) -> None:
    """From alpha[p] on until the codes of part p stay, or a step is uncertain.

    Then alpha[p] is the scale whose codes are uncertain, and before[p] the one that led to it, 0 where none did. A
    part whose alpha is 0 is passed over.
    """
    for p in range(alpha.size):
        if alpha[p] == 0:
            continue
        part = a[begin[p] : begin[p + 1]]
        T = tails(part)
        S, Q, _N, near = sums(part, T, K, alpha[p])
        before[p] = 0.0
        while not near:
            before[p] = alpha[p]
            alpha[p] = S / Q
            S, last, _N, near = sums(part, T, K, alpha[p])
            if last == Q:
                break
            Q = last
        uncertain[p] = near


@njit(void(float32[::1], int64[::1], int64, float64[::1], int8[::1]), cache=True)
def quantize(W: Any, begin: Any, K: Any, alpha: Any, B: Any) -> None:
    """B = sgn(w)·min(⌊|w|/α + 1/2⌋, K), 0 where α is."""
    for p in range(alpha.size):
        if alpha[p] == 0:
            B[begin[p] : begin[p + 1]] = 0
            continue
        for i in range(begin[p], begin[p + 1]):
            b = min(np.floor(abs(np.float64(W[i])) / alpha[p] + 0.5), np.float64(K))
            B[i] = np.int8(b) if W[i] >= 0 else np.int8(-b)


def sorted_magnitudes(W: NDArray[np.float32], granularity: Granularity) -> NDArray[np.float32]:
    """|W|, flat, ascending inside each part."""
    a = np.abs(W)
    if granularity.kind == "group":
        begin = begins(granularity, W.shape)
        sort_parts(a.reshape(-1), begin)
        return a.reshape(-1)
    for part in granularity.parts(a):
        part.sort()
    return a.reshape(-1)


@njit(void(float32[::1], int64[::1]), cache=True)
def sort_parts(a: Any, begin: Any) -> None:
    """Sorts each part where it stands."""
    for p in range(begin.size - 1):
        a[begin[p] : begin[p + 1]].sort()


def encode(scheme: OptimalScale, W: NDArray[np.float32], **_: Any) -> Scaled:
    """What `scheme.encode(W)` gives: the same codes, scales within their bound."""
    K = highest_code(scheme.bits)
    W = finite("W", W)
    begin = begins(scheme.granularity, W.shape)
    a = sorted_magnitudes(W, scheme.granularity)
    alpha = np.zeros(begin.size - 1)
    filled = begin[1:] > begin[:-1]
    alpha[filled] = a[begin[1:][filled] - 1].astype(np.float64) / K
    before, uncertain = np.zeros_like(alpha), np.zeros(alpha.size, np.bool_)
    B = np.empty(W.shape, np.int8)
    run(a, begin, K, alpha, before, uncertain)
    quantize(W.reshape(-1), begin, K, alpha, B.reshape(-1))
    for p in np.flatnonzero(uncertain).tolist():
        part = slice(begin[p], begin[p + 1])
        scale, B.reshape(-1)[part] = _exactly(W.reshape(-1)[part], a[part], K, alpha[p], before[p])
        alpha[p] = scale
    return Scaled(B, alpha.astype(np.float32), scheme.granularity, scheme.bits)


def _exactly(w: Any, a: Any, K: int, alpha: float, before: float) -> tuple[float, Any]:
    """The end of a part, uncertain steps taken exactly."""
    ends = np.array([0, a.size], np.int64)
    exact = Fraction(float(a[-1])) / K if before == 0 else best_scale(w, codes(w, Fraction(before), K))
    while True:
        b = codes(w, exact, K)
        after = best_scale(w, b)
        if np.array_equal(codes(w, after, K), b):
            return float(after), b
        alphas, befores, uncertain = np.array([float(after)]), np.zeros(1), np.zeros(1, np.bool_)
        run(a, ends, K, alphas, befores, uncertain)
        if not uncertain[0]:
            return float(alphas[0]), codes(w, Fraction(alphas[0]), K)
        exact = after if befores[0] == 0 else best_scale(w, codes(w, Fraction(befores[0]), K))


def optimal_scale(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """OptimalScale."""
    given = keywords(request, operator)
    [W] = request.inputs
    assert W is not None
    dtype("W", W, ("float32",))
    granularity = grain.of(given.get("granularity", "channel"), given.get("group_size", 0))
    encoded = encode(OptimalScale(given.get("bits", 8), granularity), W.data)
    return tensors(encoded)
