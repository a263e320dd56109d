"""Spatial decomposition: a k×1 convolution to r channels, then a 1×k convolution.

Jaderberg, Vedaldi, Zisserman, "Speeding up convolutional neural networks with low rank expansions", 2014, scheme 2
(equation 4): W_n^c ≈ Σ_r h_n^r * v_r^c, vertical filters v of r channels first, horizontal filters h after. The paper
descends; Tai, Xiao, Zhang, Wang, E, "Convolutional neural networks with low-rank regularization", 2016, theorem 1, has
the optimum in closed form: the SVD of the kernel as a matrix of rows (c, y) and columns (n, x), √Σ in both factors.

[seed: Low-Rank, single conv. layer → multiple layers; Jaderberg 2014, scheme 2; Tai 2016, theorem 1]
"""

import numpy as np
from numpy.typing import NDArray

from qref.compression.low_rank.arithmetic import FLOAT32, PRECISE, Arithmetic, Matrix
from qref.compression.low_rank.factors import Factors, check_kernel, check_split, truncated
from qref.numerics.exact_sums import dot
from qref.quantizers.weights import finite

Weights = NDArray[np.float32]


def decompose(W: Weights, rank: int, sigma: str = "even", arithmetic: Arithmetic = PRECISE) -> Factors:
    """Vertical filters [r, C, kh, 1] and horizontal filters [N, r, 1, kw].

    Args:
        W: finite float32 [N, C, kh, kw]. sigma: √Σ in both (even), or Σ in the first or the last layer.

    Raises:
        InvalidInput: W is no finite float32 kernel of two spatial axes, r is not from 1 to min(C·kh, N·kw), or another
            sigma.
    """
    W = finite("W", W)
    check_kernel(W, 2)
    check_split(sigma)
    N, C, kh, kw = W.shape
    with arithmetic.context():
        side = {"first": "left", "last": "right"}.get(sigma, sigma)
        left, right = truncated(matricized(arithmetic.numbers(W)), rank, side, arithmetic)
        vertical = left.reshape(C, kh, rank).transpose(2, 0, 1)[..., np.newaxis]
        horizontal = right.reshape(rank, N, kw).transpose(1, 0, 2)[:, :, np.newaxis]
        return Factors("spatial", W.shape, (arithmetic.rounded(vertical), arithmetic.rounded(horizontal)))


def matricized(W: Matrix) -> Matrix:
    """Rows (c, y), columns (n, x)."""
    N, C, kh, kw = W.shape
    return W.transpose(1, 2, 0, 3).reshape(C * kh, N * kw)


def reconstruct(vertical: Weights, horizontal: Weights) -> Weights:
    """W'[n, c, y, x] = Σ_r vertical[r, c, y]·horizontal[n, r, x], each sum exact and rounded once."""
    r, C, kh, _ = vertical.shape
    N, _, _, kw = horizontal.shape
    columns = vertical.reshape(r, C * kh).astype(np.float64)
    rows = horizontal.transpose(0, 2, 3, 1).reshape(N * kw, r).astype(np.float64)
    W: Weights = dot(rows, columns, FLOAT32).astype(np.float32).reshape(N, kw, C, kh).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(W)
