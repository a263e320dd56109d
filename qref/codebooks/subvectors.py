"""Subvectors: vectors and sub-vectors of a weight matrix as codes, each the place of a vector in a codebook.

Gong, Liu, Yang, Bourdev, "Compressing deep convolutional networks using vector quantization", 2014, section 3: the
matrix [R, L] is cut into S sub-matrices of d columns, W = [W¹, …, W^S], and each sub-vector w_r^s becomes the nearest
of the V codewords of its sub-matrix's codebook. With d = L this is vector quantization of whole rows.
"""

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.encoded import Symbols
from qref.quantizers.granularity import matrix
from qref.quantizers.packed_codes import pack, packed_bits

LAYOUTS = ("rows", "columns", "channels")


@dataclass(frozen=True, eq=False)
class Subvectors:
    """W ≈ C[B]: W'[r, l] = C[B[r, ⌊l/d⌋], l], W as the matrix [R, L] of `layout`.

    shape: of W, output channels first. layout: which vectors the rows of the matrix are (`as_matrix`). codes: uint8
    [R, S], S = ⌈L/d⌉. codebooks: float32 [V, L], columns s·d to (s+1)·d − 1 the codebook of sub-matrix s, the last one
    short where d does not divide L. d: length of a sub-vector. width: bits of a packed code.
    """

    shape: tuple[int, ...]
    layout: str
    codes: NDArray[np.uint8]
    codebooks: NDArray[np.float32]
    d: int
    width: int

    @property
    def bits(self) -> int:
        return packed_bits(self.codes.size, self.width) + 32 * self.codebooks.size

    @property
    def symbols(self) -> tuple[Symbols, ...]:
        return (Symbols(self.codes, self.width),)

    @property
    def tables(self) -> bytes:
        return self.codebooks.astype("<f4").tobytes()

    def packed(self) -> bytes:
        return pack(self.codes, self.width) + self.tables

    def decode(self) -> NDArray[np.float32]:
        """W', from the matrix back to W's shape."""
        R, L = self.codes.shape[0], self.codebooks.shape[1]
        W = np.empty((R, L), np.float32)
        for begin in range(0, L if R else 0, self.d):
            columns = slice(begin, begin + self.d)
            W[:, columns] = self.codebooks[self.codes[:, begin // self.d], columns]
        return from_matrix(W, self.shape, self.layout)


def matrix_shape(shape: tuple[int, ...], layout: str) -> tuple[int, int]:
    """R and L of the matrix that `as_matrix` makes of a tensor of this shape. Raises InvalidInput as it does."""
    if layout not in LAYOUTS:
        raise InvalidInput(f"layout {layout!r} is not one of {', '.join(LAYOUTS)}")
    M, K = matrix(shape)
    C = shape[1] if len(shape) > 1 else 1
    return {"rows": (M, K), "columns": (K, M), "channels": (M * prod(shape[2:]), C)}[layout]


def as_matrix(W: NDArray[np.float32], layout: str) -> NDArray[np.float32]:
    """W, output channels first, [M, C, k1, …], as the matrix [R, L] whose rows are cut into sub-vectors.

    "rows": [M, C·k1·…], a row an output channel. "columns": its transpose, a row an input of all channels. "channels":
    [M·k1·…, C], a row what one tap of a kernel sees of all input channels, as Quantized-CNN's convolutions need it.

    Raises:
        InvalidInput: another layout.
    """
    R, L = matrix_shape(W.shape, layout)
    if layout == "rows":
        return W.reshape(R, L)
    if layout == "columns":
        return np.ascontiguousarray(W.reshape(L, R).T)
    M = W.shape[0] if W.ndim else 1
    return np.ascontiguousarray(W.reshape(M, L, R // max(M, 1)).transpose(0, 2, 1)).reshape(R, L)


def from_matrix(rows: NDArray[np.float32], shape: tuple[int, ...], layout: str) -> NDArray[np.float32]:
    """The way back from `as_matrix`."""
    R, L = matrix_shape(shape, layout)
    if layout == "rows":
        return rows.reshape(shape)
    if layout == "columns":
        return np.ascontiguousarray(rows.T).reshape(shape)
    M = shape[0] if shape else 1
    return np.ascontiguousarray(rows.reshape(M, R // max(M, 1), L).transpose(0, 2, 1)).reshape(shape)
