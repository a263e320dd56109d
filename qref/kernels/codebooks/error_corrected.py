"""Error-corrected codebooks in float64: h of one sub-space at a time, by a product of matrices, then small steps.

Within a sub-space only its own places of h are kept up to date, taps·d numbers of an output; the Gram matrix of the
inputs is made once a layer.
"""

from typing import Any

import numpy as np
from numba import boolean, float32, float64, int64, njit, uint8, void
from numpy.typing import NDArray

from qref.codebooks.error_corrected import ErrorCorrected, given_inputs
from qref.codebooks.subvectors import Subvectors, as_matrix
from qref.kernels.codebooks import kmeans
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.operator import Operator
from qref.ops.qref.error_corrected import operands
from qref.ops.qref.product_codebook import tensors
from qref.ops.request import Request
from qref.quantizers.granularity import matrix
from qref.quantizers.weights import finite

DEPENDENT = 2.0**-40  # of an input's energy: what is left of it beside those before it counts as nothing
HIGHEST = float(np.finfo(np.float32).max)


@njit(void(float64[:, ::1], float64[::1]), cache=True)
def solve(A: Any, h: Any) -> None:
    """h becomes δ with Aδ = h, elements without a pivot 0. A is changed."""
    n = h.size
    energy = np.diag(A).copy()
    free = np.zeros(n, np.bool_)
    for i in range(n):
        free[i] = A[i, i] <= DEPENDENT * energy[i]
        if free[i]:
            continue
        for below in range(i + 1, n):
            factor = A[below, i] / A[i, i]
            for j in range(i, n):
                A[below, j] -= factor * A[i, j]
            h[below] -= factor * h[i]
    for i in range(n - 1, -1, -1):
        if free[i]:
            h[i] = 0.0
            continue
        for j in range(i + 1, n):
            h[i] -= A[i, j] * h[j]
        h[i] /= A[i, i]


@njit(void(float64[:, ::1], float64[::1], int64, float64[::1]), cache=True)
def move(A: Any, h: Any, tap: int, step: Any) -> None:
    """The sub-vector at a tap moves by `step`: h [taps·d] of its output follows."""
    begin = tap * step.size
    for i in range(h.size):
        total = 0.0
        for j in range(step.size):
            total += A[i, begin + j] * step[j]
        h[i] -= total


@njit(void(float64[:, :, ::1], float64[:, ::1], uint8[:, ::1], float32[:, ::1], int64), cache=True)
def solve_codewords(A: Any, H: Any, codes: Any, D: Any, v: int) -> None:
    """Codeword v to the least squares of its sub-vectors, h after it."""
    (M, taps), d, per_group = codes.shape, D.shape[1], len(codes) // len(A)
    left, right, found = np.zeros((d, d)), np.zeros(d), False
    for m in range(M):
        G = A[m // per_group]
        for tap in range(taps):
            if codes[m, tap] != v:
                continue
            found = True
            for i in range(d):
                right[i] += H[m, tap * d + i]
            for other in range(taps):
                if codes[m, other] == v:
                    for i in range(d):
                        for j in range(d):
                            left[i, j] += G[tap * d + i, other * d + j]
    if not found:
        return
    solve(left, right)
    for i in range(d):
        new = np.float32(min(max(D[v, i] + right[i], -HIGHEST), HIGHEST))
        right[i] = np.float64(new) - np.float64(D[v, i])
        D[v, i] = new
    for m in range(M):
        for tap in range(taps):
            if codes[m, tap] == v:
                move(A[m // per_group], H[m], tap, right)


@njit(void(float64[:, ::1], float64[:, ::1], float64[:, ::1]), cache=True)
def energies_of(G: Any, D: Any, energies: Any) -> None:
    """energies[tap, v] = D_vᵀAD_v, A the part of G that a tap has."""
    d = len(D)
    for tap in range(len(energies)):
        row = energies[tap]
        row[:] = 0.0
        for i in range(d):
            for j in range(d):
                a, left, right = G[tap * d + i, tap * d + j], D[i], D[j]
                for v in range(row.size):
                    row[v] += a * left[v] * right[v]


@njit(boolean(float64[:, :, ::1], float64[:, ::1], uint8[:, ::1], float64[:, ::1]), cache=True)
def choose_codes(A: Any, H: Any, codes: Any, D: Any) -> Any:
    """Every sub-vector to the codeword that leaves the least error, the first of several; whether any changed.

    D: [d, V]. Of (D_v − D_b)ᵀA(D_v − D_b) − 2(D_v − D_b)ᵀh what hangs on v is D_vᵀAD_v − 2D_vᵀ(h + AD_b).
    """
    (M, taps), (d, V), per_group, changed = codes.shape, D.shape, len(codes) // len(A), False
    energies, errors, wanted, step = np.empty((taps, V)), np.empty(V), np.empty(d), np.empty(d)
    for m in range(M):
        G, h = A[m // per_group], H[m]
        if m % per_group == 0:
            energies_of(G, D, energies)
        for tap in range(taps):
            own, begin = codes[m, tap], tap * d
            for i in range(d):
                wanted[i] = h[begin + i]
                for j in range(d):
                    wanted[i] += G[begin + i, begin + j] * D[j, own]
            errors[:] = energies[tap]
            for i in range(d):
                twice, row = 2.0 * wanted[i], D[i]
                for v in range(V):
                    errors[v] -= twice * row[v]
            best = 0
            for v in range(1, V):
                if errors[v] < errors[best]:
                    best = v
            if best != own:
                changed = True
                for i in range(d):
                    step[i] = D[i, best] - D[i, own]
                codes[m, tap] = best
                move(G, h, tap, step)
    return changed


def corrected(
    start: Subvectors, W: NDArray[np.float32], X: NDArray[np.float32], sweeps: int, ridge: float
) -> Subvectors:
    """What the reference's `corrected` gives, codewords within their bound."""
    M, K = matrix(W.shape)
    (V, C), (R, S), d, groups = start.codebooks.shape, start.codes.shape, start.d, len(X)
    if not R or not S:
        return start
    taps = K // C
    G = [x.T @ x for x in X.astype(np.float64)]
    for one in G:
        one[np.diag_indices(K)] += ridge * np.trace(one) / K
    rows = as_matrix(W, start.layout).reshape(M, taps, C)
    codes, D = start.codes.copy(), start.codebooks.copy()
    E = rows.astype(np.float64) - as_matrix(start.decode(), start.layout).reshape(M, taps, C)
    for _ in range(sweeps):
        changed = False
        for s in range(S):
            channels = slice(s * d, min(s * d + d, C))
            J = (np.arange(C)[channels] * taps + np.arange(taps)[:, None]).reshape(-1)
            A = np.stack([one[np.ix_(J, J)] for one in G])
            by_channel = E.transpose(0, 2, 1).reshape(groups, M // groups, K)
            H = np.concatenate([e @ one[:, J] for e, one in zip(by_channel, G)])
            own = np.ascontiguousarray(codes[:, s]).reshape(M, taps)
            words = np.ascontiguousarray(D[:, channels])
            for v in range(V):
                solve_codewords(A, H, own, words, v)
            changed |= bool(choose_codes(A, H, own, np.ascontiguousarray(words.T, np.float64)))
            codes[:, s], D[:, channels] = own.reshape(-1), words
            E[:, :, channels] = rows[:, :, channels] - words[own].astype(np.float64)
        if not changed:
            break
    return Subvectors(start.shape, start.layout, codes, D, d, start.width)


def encode(
    scheme: ErrorCorrected, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Any = None
) -> Subvectors:
    """What `scheme.encode(W, inputs=…, stream=…)` gives, codewords within their bound."""
    X = given_inputs(finite("W", W), inputs)
    return corrected(kmeans.encode(scheme.start(W), W, stream=stream), W, X, scheme.sweeps, scheme.ridge)


def error_corrected_codebook(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """ErrorCorrectedCodebook, checked by the reference."""
    given = keywords(request, operator)
    W, X, codes, codebooks = request.inputs
    assert W is not None and X is not None and codes is not None and codebooks is not None
    return tensors(corrected(*operands(W, X, codes, codebooks, **given)))
