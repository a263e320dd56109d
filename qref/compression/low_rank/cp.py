"""CP decomposition: a 1×1 convolution to r channels, a depthwise one along each spatial axis, a 1×1 convolution.

Lebedev, Ganin, Rakhuba, Oseledets, Lempitsky, "Speeding-up convolutional neural networks using fine-tuned
CP-decomposition", 2015, section 3 (equations 2 and 8): W[t, s, y, x] ≈ Σ_r O[t, r]·I[s, r]·Y[y, r]·X[x, r]. The paper
runs nonlinear least squares from random factors; here it is alternating least squares (Kolda, Bader, "Tensor
decompositions and applications", 2009, figure 3.3), a fixed number of sweeps from a fixed start: each factor in turn is
the solution of its normal equations for the others.

[seed: Low-Rank, single conv. layer → multiple layers; Lebedev 2015, section 3]
"""

from functools import reduce
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.compression.low_rank.arithmetic import FLOAT32, PRECISE, Arithmetic, Matrix, first_of_largest
from qref.compression.low_rank.factors import Factors, check_kernel
from qref.errors import InvalidInput
from qref.numerics.exact_sums import dot
from qref.numerics.philox import uniform, words
from qref.quantizers.weights import finite

Weights = NDArray[np.float32]


def decompose(W: Weights, rank: int, sweeps: int = 10, seed: int = 0, arithmetic: Arithmetic = PRECISE) -> Factors:
    """I [r, C, 1, …], for each spatial axis its depthwise filters [r, 1, …, k, …], O [M, r, 1, …].

    All but O have columns of length 1, signs so that the first element of largest magnitude is positive; O has the
    size of each term.

    Raises:
        InvalidInput: W is no finite float32 kernel of one or two spatial axes, r < 1, sweeps < 1, or a seed that is
            none.
    """
    W = finite("W", W)
    check_kernel(W, 1, 2)
    if rank < 1 or sweeps < 1:
        raise InvalidInput(f"rank is {rank}, sweeps {sweeps}: give at least 1 of each")
    with arithmetic.context():
        kernel = arithmetic.numbers(W)
        factors = [arithmetic.numbers(x) for x in start(W.shape, rank, seed)]
        for _ in range(sweeps):
            for mode in range(W.ndim):
                factors[mode] = least_squares(kernel, factors, mode, arithmetic.zero)
        found = normalized(factors, arithmetic.zero)
        return Factors("cp", W.shape, tuple(arithmetic.rounded(layer) for layer in layers(found)))


def start(shape: tuple[int, ...], rank: int, seed: int) -> list[NDArray[np.float64]]:
    """Factor k [n, r], n the length of axis k: element i is 2u − 1, u of word i of the tensor k under the seed."""
    return [(2 * uniform(words(seed, k, n * rank)) - 1).reshape(n, rank) for k, n in enumerate(shape)]


def least_squares(kernel: Matrix, factors: list[Matrix], mode: int, zero: Any) -> Matrix:
    """The factor of an axis that is best for the others: F·G = N, G the Hadamard product of the others' Gram matrices.

    N[i, r] is the sum of the kernel over the other axes, each weighted by its factor's column r.
    """
    others = [factor for k, factor in enumerate(factors) if k != mode]
    G = reduce(lambda a, b: a * b, [factor.T @ factor for factor in others])
    combined = khatri_rao(others)
    unfolded = np.moveaxis(kernel, mode, 0).reshape(kernel.shape[mode], len(combined))
    return solved(G, (unfolded @ combined).T, zero).T


def khatri_rao(factors: list[Matrix]) -> Matrix:
    """Column r: the Kronecker product of all factors' columns r, the last axis running fastest."""
    found = factors[0]
    for factor in factors[1:]:
        found = (found[:, np.newaxis] * factor).reshape(-1, found.shape[1])
    return found


def solved(G: Matrix, N: Matrix, zero: Any) -> Matrix:
    """F of G·F = N for a Gram matrix G, by elimination; a component that depends on those before it is 0."""
    G, N, r = G.copy(), N.copy(), len(G)
    size, alive = G.diagonal().copy(), np.ones(r, bool)
    for i in range(r):
        alive[i] = G[i, i] > zero * size[i]
        for j in range(i + 1, r) if alive[i] else ():
            part = G[j, i] / G[i, i]
            G[j] = G[j] - part * G[i]
            N[j] = N[j] - part * N[i]
    F = N * 0
    for i in reversed(range(r)):
        if alive[i]:
            F[i] = (N[i] - G[i, i + 1 :] @ F[i + 1 :]) / G[i, i]
    return F


def normalized(factors: list[Matrix], zero: Any) -> list[Matrix]:
    """Columns of length 1 in all factors but the first, which takes their lengths and signs."""
    first, *rest = (factor.copy() for factor in factors)
    for factor in rest:
        for r in range(factor.shape[1]):
            column = factor[:, r]
            length = np.sqrt(np.array([column @ column]))[0]
            if not length:
                first[:, r] = first[:, r] * 0
                continue
            signed = length if column[first_of_largest(column, zero)] > 0 else -length
            factor[:, r], first[:, r] = column / signed, first[:, r] * signed
    return [first, *rest]


def layers(factors: list[Matrix]) -> list[Matrix]:
    """The weights of the layers in their order: input channels, each spatial axis, output channels."""
    O, I, *spatial = factors
    n, r = len(spatial), O.shape[1]
    point = (1,) * n
    along = [
        factor.T.reshape(r, 1, *(len(factor) if axis == k else 1 for axis in range(n)))
        for k, factor in enumerate(spatial)
    ]
    return [I.T.reshape(r, len(I), *point), *along, O.reshape(len(O), r, *point)]


def reconstruct(first: Weights, *rest: Weights) -> Weights:
    """Σ_r of the products of all factors' elements, each sum exact and rounded once."""
    *along, last = rest
    r, C = first.shape[:2]
    M = len(last)
    channels = np.einsum("mr,rc->mcr", last.reshape(M, r).astype(np.float64), first.reshape(r, C).astype(np.float64))
    taps = along[0].reshape(r, -1).astype(np.float64)
    for factor in along[1:]:
        taps = (taps[:, :, np.newaxis] * factor.reshape(r, 1, -1)).reshape(r, -1)
    lengths = [prod(factor.shape[1:]) for factor in along]
    W = dot(channels.reshape(M * C, r), taps, FLOAT32)
    return W.astype(np.float32).reshape(M, C, *lengths)
