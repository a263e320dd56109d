"""OptimalScaleGlobal: branch and bound over the scale, down to few boundaries, which are swept.

The gain of a scale with its own codes is h(α) = 2αS − α²Q, continuous, and its maximum over α is the largest S²/Q.
Half its slope, S − αQ, falls by Q a unit between boundaries and rises by |w| at each. Between l and u all boundaries
together raise it by S(l) − S(u), and Q is Q(u) at least. So h lies below two parabolas, one from each end: the slope
there, all boundaries at once, and the curvature Q(u). Where they stay below the best gain so far, no scale between l
and u is wanted.

Gains are float64. Where several are so near the largest that they might not tell which it is, the spans of α that hold
them are left to the reference's exact comparison.
"""

from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
from numba import boolean, float32, float64, int64, njit, types, void
from numpy.typing import NDArray

from qref.kernels.quantizers.optimal_scale import SHORT, first_of, quantize, sorted_magnitudes, sums, tails
from qref.kernels.quantizers.parts import begins
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.encoded import tensors
from qref.ops.request import Request
from qref.quantizers.encoded import Scaled
from qref.quantizers.optimal_scale import codes, highest_code
from qref.quantizers.optimal_scale_global import OptimalScaleGlobal, best_between, optimum
from qref.quantizers.weights import finite

FEW = 64  # boundaries of a span that is swept
NEAR = 2.0**-39  # gains of SHORT weights err by less than 2⁻⁴⁰ of themselves: by twice what S does
NEARER = 2.0**-43  # and those of more, whose sums are compensated, by less than half of this
CLOSE = 2.0**-40  # boundaries that differ do so by 2⁻³³ of themselves
ROWS = 1 << 16  # waiting or kept spans


@njit(float64(float64, float64, float64, float64, float64, float64), cache=True)
def ceiling(l: Any, S_l: Any, Q_l: Any, u: Any, S_u: Any, Q_u: Any) -> Any:
    """The most that h can reach between l and u."""
    jumps, D = S_l - S_u, u - l
    at_l, at_u = 2 * l * S_l - l * l * Q_l, 2 * u * S_u - u * u * Q_u
    right, left = S_l - l * Q_l + jumps, jumps - S_u + u * Q_u  # half the steepest slopes from l and from u inwards
    across = 2 * (right + left - Q_u * D)
    x = D if across <= 0 else min(max((at_u - at_l + (2 * left - Q_u * D) * D) / across, 0.0), D)
    from_l, from_u = x, D - x
    if Q_u > 0:
        from_l, from_u = min(max(right / Q_u, 0.0), from_l), min(max(left / Q_u, 0.0), from_u)
    above_l = at_l + max((2 * right - Q_u * from_l) * from_l, 0.0)
    return max(above_l, at_u + max((2 * left - Q_u * from_u) * from_u, 0.0))


@njit(inline="always")
def row(waiting: Any, i: Any, l: Any, S_l: Any, Q_l: Any, N_l: Any, u: Any, S_u: Any, Q_u: Any, N_u: Any) -> None:
    """A span, with Σ|w|·b, Σb² and Σb of the codes at its ends."""
    waiting[i, 0], waiting[i, 1], waiting[i, 2], waiting[i, 3] = l, S_l, Q_l, N_l
    waiting[i, 4], waiting[i, 5], waiting[i, 6], waiting[i, 7] = u, S_u, Q_u, N_u


@njit(int64(float32[::1], int64, float64, float64, float64[::1], float32[::1], int64[::1]), cache=True)
def boundaries(a: Any, K: Any, l: Any, u: Any, alpha: Any, w: Any, odd: Any) -> Any:
    """Those between l and u, in the order of falling α: where each lies, |w|, 2k − 1; their number."""
    n = 0
    if a.size <= SHORT:
        for v in a:
            above = min(np.floor(v / u + 0.5), np.float64(K))
            below = min(np.floor(v / l + 0.5), np.float64(K))
            for k in range(int(above) + 1, int(below) + 1):
                alpha[n], w[n], odd[n] = v / (k - 0.5), v, 2 * k - 1
                n += 1
    else:
        for k in range(1, K + 1):
            for i in range(first_of(a, (k - 0.5) * l), first_of(a, (k - 0.5) * u)):
                alpha[n], w[n], odd[n] = a[i] / (k - 0.5), a[i], 2 * k - 1
                n += 1
    order = np.argsort(-alpha[:n])
    alpha[:n], w[:n], odd[:n] = alpha[:n][order], w[:n][order], odd[:n][order]
    return n


@njit(
    types.Tuple((float64, int64, boolean))(
        float32[::1], int64, float64[:, ::1], float64[:, ::1], float64[::1], float32[::1], int64[::1]
    ),
    cache=True,
)
def search(a: Any, K: Any, waiting: Any, kept: Any, alpha: Any, w: Any, odd: Any) -> Any:
    """The scale of the largest gain for ascending a > 0, the rows of `kept`, whether scale and codes are certain.

    kept: the spans that held a gain near the largest then known, l, u and that gain. −1 rows: too many spans.
    waiting: [ROWS, 8], kept: [ROWS, 3], alpha, w, odd: [FEW], room to work in.
    """
    T, slack = tails(a), NEAR if a.size <= SHORT else NEARER
    u = 4 * np.float64(a[a.size - 1])
    best = second = scale = bar = 0.0
    x = u / 4
    for _ in range(64):  # any scale's h is a gain that the best one reaches: a bar from the start
        S, Q, N, near = sums(a, T, K, x)
        bar = max(bar, (2 * x * S - x * x * Q) * (1 - slack))
        x *= 0.875
    lowest = np.float64(a[0]) / (2 * K)
    S, Q, N, near = sums(a, T, K, lowest)
    l = max(bar / (4 * S), lowest)  # h(α) ≤ 2αS: no gain reaches the bar below bar/2S
    S, Q, N, near = sums(a, T, K, l)
    row(waiting, 0, l, S, Q, N, u, 0.0, 0.0, 0.0)
    left, keeping = 1, 0
    while left:
        left -= 1
        l, S_l, Q_l, N_l, u, S_u, Q_u, N_u = waiting[left]
        if ceiling(l, S_l, Q_l, u, S_u, Q_u) < bar:
            continue
        n = int(N_l - N_u)
        if n > FEW and u > l * (1 + CLOSE):
            if left + 2 > waiting.shape[0]:
                return 0.0, -1, False
            m = sqrt(l) * sqrt(u)
            S, Q, N, near = sums(a, T, K, m)
            bar = max(bar, (2 * m * S - m * m * Q) * (1 - slack))
            higher = ceiling(l, S_l, Q_l, m, S, Q) < ceiling(m, S, Q, u, S_u, Q_u)  # the span to look at next
            row(waiting, left + (not higher), l, S_l, Q_l, N_l, m, S, Q, N)
            row(waiting, left + higher, m, S, Q, N, u, S_u, Q_u, N_u)
            left += 2
            continue
        together = n > FEW  # within 2⁻⁴⁰ of each other: one boundary
        steps = 1 if together else boundaries(a, K, l, u, alpha, w, odd)
        S, Q, top = S_u, Q_u, 0.0
        for i in range(steps + 1):  # the codes above the first boundary, and those behind each
            if i > 0 and together:
                S, Q = S_l, Q_l
            elif i > 0:
                S += w[i - 1]
                Q += odd[i - 1]
            tied = 0 < i < steps and alpha[i] > alpha[i - 1] * (1 - CLOSE)
            if Q == 0 or tied or not l * (1 - CLOSE) <= S / Q <= u * (1 + CLOSE):
                continue  # the best codes are those of their own scale
            gain = S * (S / Q)
            top = max(top, gain)
            if gain > best:
                best, second, scale = gain, best, S / Q
            else:
                second = max(second, gain)
        bar = max(bar, best * (1 - slack))
        if top >= bar:
            if keeping == kept.shape[0]:
                return 0.0, -1, False
            kept[keeping, 0], kept[keeping, 1], kept[keeping, 2] = l, u, top
            keeping += 1
    S, Q, N, near = sums(a, T, K, scale)
    return scale, keeping, second < bar and not near


@njit(
    void(float32[::1], int64[::1], int64, float64[:, ::1], float64[:, ::1], float64[::1], boolean[::1]),
    cache=True,
)
def search_all(a: Any, begin: Any, K: Any, waiting: Any, kept: Any, scales: Any, uncertain: Any) -> None:
    """The scale of each part, 0 for one without weights or of zeros, or that it is uncertain."""
    alpha, w, odd = np.empty(FEW), np.empty(FEW, np.float32), np.empty(FEW, np.int64)
    for p in range(scales.size):
        first = begin[p]
        while first < begin[p + 1] and a[first] == 0:
            first += 1
        if first == begin[p + 1]:
            scales[p] = 0.0
            continue
        scales[p], _rows, certain = search(a[first : begin[p + 1]], K, waiting, kept, alpha, w, odd)
        uncertain[p] = not certain


def encode(scheme: OptimalScaleGlobal, W: NDArray[np.float32], **_: Any) -> Scaled:
    """What `scheme.encode(W)` gives: the same codes, scales within their bound."""
    K = highest_code(scheme.bits)
    W = finite("W", W)
    begin = begins(scheme.granularity, W.shape)
    a = sorted_magnitudes(W, scheme.granularity)
    waiting, kept = np.empty((ROWS, 8)), np.empty((ROWS, 3))
    scales, uncertain = np.zeros(begin.size - 1), np.zeros(begin.size - 1, np.bool_)
    search_all(a, begin, K, waiting, kept, scales, uncertain)
    B = np.empty(W.shape, np.int8)
    quantize(W.reshape(-1), begin, K, scales, B.reshape(-1))
    for p in np.flatnonzero(uncertain).tolist():
        part = slice(begin[p], begin[p + 1])
        own = W.reshape(-1)[part]
        scale = _exactly(a[part], K, waiting, kept)
        scales[p], B.reshape(-1)[part] = float(scale), codes(own, scale, K)
    return Scaled(B, scales.astype(np.float32), scheme.granularity, scheme.bits)


def _exactly(a: NDArray[np.float32], K: int, waiting: Any, kept: Any) -> Fraction:
    """The scale of a part, by exact comparison of all that is near the largest gain."""
    a = a[np.searchsorted(a, 0, side="right") :]
    room = np.empty(FEW), np.empty(FEW, np.float32), np.empty(FEW, np.int64)
    _, rows, _ = search(a, K, waiting, kept, *room)
    if rows < 0:
        return optimum(a, K)[0]
    found, slack = kept[:rows], NEAR if a.size <= SHORT else NEARER
    near = found[found[:, 2] >= found[:, 2].max() * (1 - slack)]
    return best_between(a, K, _merged(near[np.argsort(-near[:, 1])])).scale


def _merged(spans: NDArray[np.float64]) -> list[tuple[Fraction, Fraction]]:
    """(high, low) of spans that come from the largest scale down; neighbours become one."""
    merged: list[list[float]] = []
    for low, high, _ in spans.tolist():
        if merged and merged[-1][1] == high:
            merged[-1][1] = low
        else:
            merged.append([high, low])
    return [(Fraction(high), Fraction(low)) for high, low in merged]


def optimal_scale_global(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """OptimalScaleGlobal."""
    given = keywords(request, operator)
    [W] = request.inputs
    assert W is not None
    dtype("W", W, ("float32",))
    granularity = grain.of(given.get("granularity", "channel"), given.get("group_size", 0))
    encoded = encode(OptimalScaleGlobal(given.get("bits", 8), granularity), W.data)
    return tensors(encoded)
