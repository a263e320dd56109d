"""Tucker-2: a 1×1 convolution to fewer channels, a k×k convolution among few, a 1×1 convolution to all.

Kim, Park, Yoo, Choi, Yang, Shin, "Compression of deep convolutional neural networks for fast and low power mobile
applications", 2016, equations 3 to 6: W[t, s, y, x] ≈ Σ_pq U_out[t, q]·core[q, p, y, x]·U_in[s, p]. The factors are
the leading left singular vectors of the kernel unfolded along its input and its output channels (the higher-order SVD:
De Lathauwer, De Moor, Vandewalle, 2000), the core is the kernel projected on both. Sweeps of higher-order orthogonal
iteration find each factor again for the kernel projected on the other.

[seed: Low-Rank, single conv. layer → multiple layers; Kim 2016, equations 3 to 6]
"""

import numpy as np
from numpy.typing import NDArray

from qref.compression.low_rank.arithmetic import FLOAT32, PRECISE, Arithmetic, Matrix
from qref.compression.low_rank.factors import Factors, check_kernel, check_rank, points
from qref.errors import InvalidInput
from qref.numerics.exact_sums import dot
from qref.quantizers.weights import finite

Weights = NDArray[np.float32]


def decompose(W: Weights, rank_in: int, rank_out: int, sweeps: int = 0, arithmetic: Arithmetic = PRECISE) -> Factors:
    """U_inᵀ [P, C, 1, …], core [Q, P, k1, …], U_out [M, Q, 1, …], P = rank_in, Q = rank_out.

    Raises:
        InvalidInput: W is no finite float32 kernel, a rank is not from 1 to what its unfolded matrix has, or fewer
            than no sweeps.
    """
    W = finite("W", W)
    check_kernel(W, 1, 2, 3)
    M, C = W.shape[:2]
    taps = points(W.shape)
    check_rank(rank_in, (C, max(rank_out, 0) * taps), "rank_in")
    check_rank(rank_out, (M, rank_in * taps), "rank_out")
    if sweeps < 0:
        raise InvalidInput(f"sweeps is {sweeps}: give 0 or more")
    with arithmetic.context():
        kernel = arithmetic.numbers(W).reshape(M, C, taps)
        U_in = arithmetic.svd(unfolded_in(kernel))[0][:, :rank_in]
        U_out = arithmetic.svd(unfolded_out(kernel))[0][:, :rank_out]
        for _ in range(sweeps):
            U_in = arithmetic.svd(unfolded_in(project_out(kernel, U_out)))[0][:, :rank_in]
            U_out = arithmetic.svd(unfolded_out(project_in(kernel, U_in)))[0][:, :rank_out]
        core = project_out(project_in(kernel, U_in), U_out)
        point = (1,) * (W.ndim - 2)
        layers = (
            U_in.T.reshape(rank_in, C, *point),
            core.reshape(rank_out, rank_in, *W.shape[2:]),
            U_out.reshape(M, rank_out, *point),
        )
        return Factors("tucker2", W.shape, tuple(arithmetic.rounded(layer) for layer in layers))


def unfolded_out(kernel: Matrix) -> Matrix:
    """[M, C, taps] as a matrix of output channels [M, C·taps]."""
    M, C, taps = kernel.shape
    return kernel.reshape(M, C * taps)


def unfolded_in(kernel: Matrix) -> Matrix:
    """[M, C, taps] as a matrix of input channels [C, M·taps]."""
    M, C, taps = kernel.shape
    return kernel.transpose(1, 0, 2).reshape(C, M * taps)


def project_out(kernel: Matrix, U: Matrix) -> Matrix:
    """Uᵀ applied to the output channels: [M, C, taps] → [Q, C, taps]."""
    _, C, taps = kernel.shape
    return (U.T @ unfolded_out(kernel)).reshape(U.shape[1], C, taps)


def project_in(kernel: Matrix, U: Matrix) -> Matrix:
    """Uᵀ applied to the input channels: [M, C, taps] → [M, P, taps]."""
    M, _, taps = kernel.shape
    return (U.T @ unfolded_in(kernel)).reshape(U.shape[1], M, taps).transpose(1, 0, 2)


def reconstruct(first: Weights, core: Weights, last: Weights) -> Weights:
    """Σ_pq last[m, q]·core[q, p, …]·first[p, c], each sum exact and rounded once."""
    P, C = first.shape[:2]
    M, Q = last.shape[:2]
    taps = points(core.shape)
    pairs = np.einsum("mq,pc->mcqp", last.reshape(M, Q).astype(np.float64), first.reshape(P, C).astype(np.float64))
    W = dot(pairs.reshape(M * C, Q * P), core.reshape(Q * P, taps).astype(np.float64), FLOAT32)
    return W.astype(np.float32).reshape(M, C, *core.shape[2:])
