"""A fully-connected layer whose weights are places in one codebook: each is looked up as it is multiplied.

Four bits a code and eight codes a word, as Deep Compression stores its fully-connected layers (Han, Mao, Dally 2016,
section 3): an eighth of the way from memory. W' itself is never made.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qref.kernels import instructions, program
from qref.kernels.codebooks.words import width_of, words_of
from qref.kernels.conv.kernel import address, in_parts
from qref.kernels.instructions import named
from qref.kernels.tile import codes as tile


@dataclass(frozen=True, eq=False)
class CodebookWeights:
    """shape: M and K. words: codes as `words_of` has them, of `width` bits. codebook: [2^width]. set: whose words."""

    shape: tuple[int, int]
    width: int
    words: NDArray[np.uint32]
    codebook: NDArray[np.float32]
    set: str

    @property
    def nbytes(self) -> int:
        """Bytes of codes and codebook."""
        return self.words.nbytes + self.codebook.nbytes


def pack(codes: NDArray[np.uint8], codebook: NDArray[np.float32]) -> CodebookWeights:
    """Of codes [M, K] and a codebook [V], for the instruction set that is chosen."""
    here, (M, K), width = instructions.chosen(), codes.shape, width_of(len(codebook))
    entries = np.zeros(1 << width, np.float32)
    entries[: len(codebook)] = codebook
    return CodebookWeights((M, K), width, words_of(codes, width, here), entries, here.name)


def run(x: NDArray[np.float32], packed: CodebookWeights, threads: int = 1) -> NDArray[np.float32]:
    """y [N, M] = x·W'ᵀ for x [N, K], W'[m, k] = C[B[m, k]]."""
    (M, K), here = packed.shape, named(packed.set)
    kernel = program.compiled(tile.text("products", here, packed.width))
    blocks, count, outputs = packed.words.shape
    y = np.empty((len(x), blocks * outputs), np.float32)
    row = np.zeros(count * tile.in_a_word(packed.width), np.float32)
    for n in range(len(x)):
        row[:K] = x[n]
        operands = (address(row), address(packed.codebook), address(packed.words), count, 4 * outputs, address(y[n]))
        in_parts(blocks, threads, kernel, *operands)
    return y[:, :M]
