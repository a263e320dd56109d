"""A fully-connected layer by look-up tables: T = x·C once an input, then a look-up and an addition a sub-space.

Tables have 2^width floats a sub-space and are met in the order of memory; sums of a block of outputs stay in registers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.kernels import instructions, program
from qref.kernels.codebooks.words import width_of, words_of
from qref.kernels.conv.kernel import address, in_parts
from qref.kernels.conv.rows import LOOP
from qref.kernels.instructions import named
from qref.kernels.tile import codes as tile


@dataclass(frozen=True, eq=False)
class Lookups:
    """Sub-vectors as the kernel takes them.

    shape: R and L. d: length of a sub-vector. width: bits of a code in a word. words: as `words_of` has them.
    codebooks: [S·d, 2^width], a row for each column of the weights, zeros where there is none. set: whose words.
    """

    shape: tuple[int, int]
    d: int
    width: int
    words: NDArray[np.uint32]
    codebooks: NDArray[np.float32]
    set: str

    @property
    def nbytes(self) -> int:
        """Bytes of codes and codebooks."""
        return self.words.nbytes + self.codebooks.nbytes


def pack(codes: NDArray[np.uint8], codebooks: NDArray[np.float32], d: int) -> Lookups:
    """Of codes [R, S] and codebooks [V, L] with sub-vectors of length d, for the instruction set that is chosen."""
    here, (V, L) = instructions.chosen(), codebooks.shape
    width, d = width_of(V), min(d, max(L, 1))
    columns = np.zeros((codes.shape[1] * d, 1 << width), np.float32)
    columns[:L, :V] = codebooks.T
    return Lookups((len(codes), L), d, width, words_of(codes, width, here), columns, here.name)


@njit(void(int64, int64, float32[::1], float32[:, ::1], int64, float32[:, ::1]), **LOOP)
def tables_of(first: int, last: int, x: Any, codebooks: Any, d: int, tables: Any) -> None:
    """tables[s, v] = Σ_l x[s·d + l] · codebooks[s·d + l, v], first ≤ s < last."""
    for s in range(first, last):
        row, x0, c0 = tables[s], x[s * d], codebooks[s * d]
        for v in range(row.size):
            row[v] = x0 * c0[v]
        for k in range(s * d + 1, s * d + d):
            x1, c1 = x[k], codebooks[k]
            for v in range(row.size):
                row[v] += x1 * c1[v]


def run(x: NDArray[np.float32], packed: Lookups, threads: int = 1) -> NDArray[np.float32]:
    """y [N, R] = x·W'ᵀ for x [N, L]: sums only."""
    (R, L), d, here = packed.shape, packed.d, named(packed.set)
    kernel = program.compiled(tile.text("looked_up", here, packed.width))
    blocks, count, outputs = packed.words.shape
    S = len(packed.codebooks) // d
    tables = np.zeros((count * tile.in_a_word(packed.width), 1 << packed.width), np.float32)
    y, row = np.empty((len(x), blocks * outputs), np.float32), np.zeros(S * d, np.float32)
    for n in range(len(x)):
        row[:L] = x[n]
        in_parts(S, threads, tables_of, row, packed.codebooks, d, tables)
        of_row = (address(row), address(tables), address(packed.words), count, 4 * outputs, address(y[n]))
        in_parts(blocks, threads, kernel, *of_row)
    return y[:, :R]


def product(
    x: NDArray[np.float32], codes: NDArray[np.uint8], codebooks: NDArray[np.float32], d: int
) -> NDArray[np.float32]:
    """What `qref.codebooks.lookup_tables.product` gives, packed first."""
    return run(x, pack(codes, codebooks, d)) if codes.size else np.zeros((len(x), len(codes)), np.float32)
