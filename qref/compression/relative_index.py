"""Relative index: a sparse tensor as its nonzero numbers, and before each the count of zeros since the last one.

Han, Mao, Dally, "Deep compression", 2016, section 2 and figure 2: positions are stored as differences of k bits, 8 for
convolutions and 5 for fully-connected layers; where a difference is more than 2^k, a filler zero is put in between.
What is stored of a difference d is the gap d − 1, the zeros that lie between, so that 1 to 2^k fit into k bits; before
the first number the zeros from the beginning on. The authors' own decoder (positions = cumsum(gap + 1) − 1) and Han
2016, "EIE", section 3, read it so; the paper's figure counts its first difference from position 0.

[seed: Sparse/Pruning; Han 2016 section 2]
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.encoded import Coded, Symbols
from qref.quantizers.granularity import TENSOR
from qref.quantizers.packed_codes import pack, packed_bits
from qref.quantizers.weights import finite

CONVOLUTION_BITS, DENSE_BITS = 8, 5  # the paper's
COUNT_BITS = 32

Weights = NDArray[np.float32]
EncodeValues = Callable[[Weights], Coded]
"""Nonzero weights in a row → their codes in one codebook."""


@dataclass(frozen=True, eq=False)
class RelativeIndex:
    """W[p_i] = v_i with p_i = Σ (g_j + 1) − 1 over j ≤ i, in C order, and 0 elsewhere.

    shape: of W. gaps: uint8 [entries], g_i < 2^gap_bits. values: v, float32 [entries], or codes [entries] in one
    codebook. A filler is an entry of value 0.
    """

    shape: tuple[int, ...]
    gaps: NDArray[np.uint8]
    gap_bits: int
    values: Coded | Weights

    @property
    def bits(self) -> int:
        return sum(packed_bits(stream.values.size, stream.width) for stream in self.symbols) + 8 * len(self.tables)

    @property
    def symbols(self) -> tuple[Symbols, ...]:
        """The gaps, and the codes where values are codes."""
        gaps = Symbols(self.gaps, self.gap_bits)
        return (gaps, *self.values.symbols) if isinstance(self.values, Coded) else (gaps,)

    @property
    def tables(self) -> bytes:
        """The values, or their codebook, and the number of entries in 32 bits."""
        values = self.values.tables if isinstance(self.values, Coded) else self.values.astype("<f4").tobytes()
        return values + self.gaps.size.to_bytes(COUNT_BITS // 8, "little")

    def packed(self) -> bytes:
        return b"".join(pack(stream.values, stream.width) for stream in self.symbols) + self.tables

    def positions(self) -> NDArray[np.int64]:
        """Where each entry stands in C order."""
        return np.cumsum(self.gaps.astype(np.int64) + 1) - 1

    def decode(self) -> Weights:
        """Each value at its place, 0 elsewhere."""
        W = np.zeros(prod(self.shape), np.float32)
        W[self.positions()] = self.values.decode() if isinstance(self.values, Coded) else self.values
        return W.reshape(self.shape)


def sparse(W: Weights, gap_bits: int, encode_values: EncodeValues | None = None) -> RelativeIndex:
    """The relative index of W, in which what was pruned is 0.

    Args:
        W: finite float32. gap_bits: bits of a gap, 1 to 8. encode_values: what makes codes in one codebook of the
            nonzero weights; without it they stay float32.

    Raises:
        InvalidInput: W is not float32 or not finite, other bits, values of a codebook a part, or a codebook that has
            256 values and needs 0 for fillers besides.
    """
    W = finite("W", W)
    if not 1 <= gap_bits <= 8:
        raise InvalidInput(f"gaps of {gap_bits} bits: give 1 to 8")
    flat = W.reshape(-1)
    at = np.flatnonzero(flat)
    gaps, kept = with_fillers(at, gap_bits)
    if encode_values is None:
        values = np.zeros(gaps.size, np.float32)
        values[kept] = flat[at]
        return RelativeIndex(W.shape, gaps, gap_bits, values)
    return RelativeIndex(W.shape, gaps, gap_bits, _with_filler_codes(encode_values(flat[at]), kept))


def with_fillers(at: NDArray[np.int64], gap_bits: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The gaps of all entries, and which entries are numbers; the others are fillers. at: places of the numbers.

    Of d places from one number to the next, ⌊(d − 1) / 2^k⌋ fillers take 2^k each.
    """
    zeros = np.diff(at, prepend=-1) - 1
    fillers = zeros >> gap_bits
    last = np.cumsum(fillers + 1) - 1  # a number stands behind its fillers
    kept = np.zeros(int(last[-1]) + 1 if last.size else 0, np.bool_)
    kept[last] = True
    gaps = np.full(kept.size, (1 << gap_bits) - 1, np.uint8)
    gaps[last] = zeros & ((1 << gap_bits) - 1)
    return gaps, kept


def _with_filler_codes(coded: Coded, kept: NDArray[np.bool_]) -> Coded:
    """The codes with those of fillers in between; 0 becomes the first value of a codebook that does not have it."""
    if len(coded.codebooks) != 1:
        raise InvalidInput(f"{len(coded.codebooks)} codebooks of nonzero weights: give one for the tensor")
    codebook, codes, width = coded.codebooks[0], coded.codes, coded.width
    if kept.all():
        return coded
    if not (codebook == 0).any():
        if codebook.size == 256:
            raise InvalidInput("a codebook of 256 values without 0, which fillers need: give 255 at most")
        codebook, codes = np.concatenate([np.zeros(1, np.float32), codebook]), codes + np.uint8(1)
        width = max(width, (codebook.size - 1).bit_length())
    entries = np.full(kept.size, np.flatnonzero(codebook == 0)[0], np.uint8)
    entries[kept] = codes
    return Coded(entries, codebook[np.newaxis], TENSOR, width)
