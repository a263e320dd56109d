"""Factorized: what a matrix of weights is after Fixed-point Factorized Networks, W ≈ X·D·Yᵀ.

Wang, Cheng, "Fixed-point Factorized Networks", CVPR 2017: X and Y hold −1, 0 and 1 only, D is diagonal.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_sums import dot
from qref.numerics.floats import float_format
from qref.quantizers.granularity import matrix
from qref.quantizers.packed_codes import pack, packed_bits

FLOAT32 = float_format("float32")
BLOCK = 1 << 20  # weights at a time


@dataclass(frozen=True, eq=False)
class Factorized:
    """W ≈ Σᵢ dᵢ·xᵢ·yᵢᵀ, W as a matrix of output channels [M, K].

    shape: of W. X: int8 [M, k], the columns xᵢ. D: float32 [k]. Y: int8 [k, …], yᵢᵀ in the shape of a filter: what a
    convolution takes as its weights. All of X and Y are −1, 0 or 1, stored in two bits.
    """

    shape: tuple[int, ...]
    X: NDArray[np.int8]
    D: NDArray[np.float32]
    Y: NDArray[np.int8]

    @property
    def bits(self) -> int:
        return packed_bits(self.X.size, 2) + packed_bits(self.Y.size, 2) + 32 * self.D.size

    def decode(self) -> NDArray[np.float32]:
        """X·D·Yᵀ, each sum exact and rounded once."""
        M, K = matrix(self.shape)
        XD = self.X.astype(np.float64) * self.D
        Yt = self.Y.reshape(self.D.size, K).astype(np.float64)
        W = np.zeros((M, K), np.float32)
        rows = max(BLOCK // max(K, 1), 1)
        for begin in range(0, M, rows):
            with np.errstate(over="ignore"):
                W[begin : begin + rows] = dot(XD[begin : begin + rows], Yt, FLOAT32)
        return W.reshape(self.shape)

    def packed(self) -> bytes:
        """X, then Yᵀ, then D."""
        return pack(self.X, 2) + pack(self.Y, 2) + self.D.astype("<f4").tobytes()
