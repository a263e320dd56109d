"""Truncated SVD of a fully connected layer: W [M, K] ≈ A·B, two layers with r channels between them.

Xue, Li, Gong, "Restructuring of deep neural network acoustic models with singular value decomposition", 2013, section
3; Denton, Zaremba, Bruna, LeCun, Fergus, "Exploiting linear structure within convolutional networks for efficient
evaluation", 2014, section 3.2.1; Girshick, "Fast R-CNN", 2015, section 3.1:

    W ≈ U Σ_t Vᵀ        the first layer has the weights Σ_t Vᵀ and no biases, the second U and the layer's biases

By Eckart and Young no other matrix of rank t is nearer to W.

[seed: Low-Rank, single fc. layer → multiple layers; Girshick 2015, equation 5]
"""

import numpy as np
from numpy.typing import NDArray

from qref.compression.low_rank.arithmetic import FLOAT32, PRECISE, Arithmetic
from qref.compression.low_rank.factors import Factors, check_kernel, check_split, truncated
from qref.numerics.exact_sums import dot
from qref.quantizers.weights import finite

Weights = NDArray[np.float32]


def decompose(W: Weights, rank: int, sigma: str = "first", arithmetic: Arithmetic = PRECISE) -> Factors:
    """B [r, K] and A [M, r]: x is multiplied by B, then by A.

    Args:
        W: finite float32 [M, K]. sigma: the layer that Σ goes to, first (Girshick's) or last; even for √Σ in both.

    Raises:
        InvalidInput: W is no finite float32 matrix, r is not from 1 to min(M, K), or another sigma.
    """
    W = finite("W", W)
    check_kernel(W, 0)
    check_split(sigma)
    with arithmetic.context():
        side = {"first": "right", "last": "left"}.get(sigma, sigma)
        A, B = truncated(arithmetic.numbers(W), rank, side, arithmetic)
        return Factors("svd", W.shape, (arithmetic.rounded(B), arithmetic.rounded(A)))


def reconstruct(B: Weights, A: Weights) -> Weights:
    """A·B, each sum exact and rounded once."""
    return dot(A.astype(np.float64), B.astype(np.float64), FLOAT32).astype(np.float32)
