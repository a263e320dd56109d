"""CSR: a sparse matrix by compressed sparse rows, row pointers, column indices and values.

Han, Mao, Dally, "Deep compression", 2016, section 2: 2a + n + 1 numbers, a nonzero weights in n rows. Rows are output
channels. Indices are stored in as many bits as a matrix of this shape can need, both known from the shape: pointers,
0 to M·K, and columns, 0 to K − 1.

[seed: Sparse/Pruning; Han 2016 section 2]
"""

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.granularity import matrix
from qref.quantizers.packed_codes import pack, packed_bits
from qref.quantizers.weights import finite

Weights = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Csr:
    """W[m, columns[i]] = values[i] for row_pointers[m] ≤ i < row_pointers[m + 1], W as the matrix [M, K]; else 0.

    shape: of W. row_pointers: int64 [M + 1], the first 0. columns: int64 [a], rising inside a row. values: float32 [a].
    """

    shape: tuple[int, ...]
    row_pointers: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: Weights

    @property
    def numbers(self) -> int:
        """The paper's measure, 2a + n + 1."""
        return 2 * self.values.size + self.row_pointers.size

    @property
    def bits(self) -> int:
        pointer, column = index_bits(self.shape)
        return (
            packed_bits(self.row_pointers.size, pointer)
            + packed_bits(self.columns.size, column)
            + 32 * len(self.values)
        )

    def packed(self) -> bytes:
        """Row pointers, columns, each without gaps and from whole bytes on, then the values."""
        pointer, column = index_bits(self.shape)
        columns = pack(self.columns, column) if column else b""
        return pack(self.row_pointers, pointer) + columns + self.values.astype("<f4").tobytes()

    def decode(self) -> Weights:
        M, K = matrix(self.shape)
        W = np.zeros((M, K), np.float32)
        for m in range(M):
            row = slice(self.row_pointers[m], self.row_pointers[m + 1])
            W[m, self.columns[row]] = self.values[row]
        return W.reshape(self.shape)


def index_bits(shape: tuple[int, ...]) -> tuple[int, int]:
    """Bits of a row pointer and of a column index of W: what M·K and K − 1 need, no bit for the only column.

    Raises:
        InvalidInput: 2^32 weights or more.
    """
    M, K = matrix(shape)
    if M * K >= 1 << 32:
        raise InvalidInput(f"{prod(shape)} weights: fewer than 2^32 have pointers of 32 bits")
    return max((M * K).bit_length(), 1), max(K - 1, 0).bit_length()


def csr(W: Weights) -> Csr:
    """W, output channels first, by compressed sparse rows; zeros of either sign are left out.

    Raises:
        InvalidInput: W is not float32 or not finite, or too large.
    """
    W = finite("W", W)
    index_bits(W.shape)
    rows = W.reshape(matrix(W.shape))
    m, columns = np.nonzero(rows)
    pointers = np.concatenate([[0], np.cumsum(np.count_nonzero(rows, axis=1))]).astype(np.int64)
    return Csr(W.shape, pointers, columns.astype(np.int64), rows[m, columns])
