"""Codes packed into words of 32 bits, a word an output, as `qref.kernels.tile.codes` reads them."""

import numpy as np
from numpy.typing import NDArray

from qref.kernels.instructions import InstructionSet
from qref.kernels.tile import codes as tile


def width_of(values: int) -> int:
    """Bits of a code in a word, for a codebook of so many values."""
    return max(tile.NARROWEST, (values - 1).bit_length())


def words_of(codes: NDArray[np.uint8], width: int, here: InstructionSet) -> NDArray[np.uint32]:
    """Codes [R, S] as words [blocks, ⌈S / codes of a word⌉, outputs of a block]; codes that fill up are 0."""
    R, S = codes.shape
    per, outputs = tile.in_a_word(width), tile.vectors(here) * here.lanes
    blocks, count = -(-R // outputs), -(-S // per)
    words = np.zeros((blocks, count, outputs), np.uint32)
    for block in range(blocks):
        rows = np.zeros((outputs, count * per), np.uint32)
        here_rows = codes[block * outputs : (block + 1) * outputs]
        rows[: len(here_rows), :S] = here_rows
        for j in range(per):
            words[block] |= (rows[:, j::per] << np.uint32(j * width)).T
    return words
