"""Channel decomposition: a k×k convolution to r channels, then a 1×1 convolution to all M.

Zhang, Zou, He, Sun, "Accelerating very deep convolutional networks for classification and detection", 2015, section
3.1.1: responses y = W x lie near a subspace of r dimensions, y ≈ P (Qᵀ W) x: r filters [r, C, k, k], and P [M, r] after
them. The paper finds the subspace from responses; here it is that of the weights as a matrix [M, C·k·k], the same where
inputs are uncorrelated and of one size. Of U Σ Vᵀ both layers take √Σ, as the paper's P = U √Σ, Q = V √Σ do.

[seed: Low-Rank, single conv. layer → multiple layers; Zhang 2015, section 3.1.1]
"""

import numpy as np
from numpy.typing import NDArray

from qref.compression.low_rank.arithmetic import PRECISE, Arithmetic
from qref.compression.low_rank.factors import Factors, check_kernel, check_split, truncated
from qref.compression.low_rank.svd import reconstruct as product
from qref.quantizers.granularity import matrix
from qref.quantizers.weights import finite

Weights = NDArray[np.float32]


def decompose(W: Weights, rank: int, sigma: str = "even", arithmetic: Arithmetic = PRECISE) -> Factors:
    """Filters [r, C, k1, …], and P [M, r, 1, …].

    Args:
        W: finite float32 [M, C, k1, …]. sigma: √Σ in both (even, the paper's), or Σ in the first or the last layer.

    Raises:
        InvalidInput: W is no finite float32 kernel, r is not from 1 to min(M, C·k1·…), or another sigma.
    """
    W = finite("W", W)
    check_kernel(W, 1, 2, 3)
    check_split(sigma)
    with arithmetic.context():
        side = {"first": "right", "last": "left"}.get(sigma, sigma)
        P, filters = truncated(arithmetic.numbers(W).reshape(matrix(W.shape)), rank, side, arithmetic)
        point = (1,) * (W.ndim - 2)
        first, last = filters.reshape(rank, *W.shape[1:]), P.reshape(len(W), rank, *point)
        return Factors("channel", W.shape, (arithmetic.rounded(first), arithmetic.rounded(last)))


def reconstruct(filters: Weights, P: Weights) -> Weights:
    """Σ_r P[m, r]·filters[r], each sum exact and rounded once."""
    r = len(filters)
    W = product(filters.reshape(matrix(filters.shape)), P.reshape(len(P), r))
    return W.reshape(len(P), *filters.shape[1:])
