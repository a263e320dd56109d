"""Relative index: a sparse tensor as its nonzero numbers, and before each the count of zeros since the last one.

Han, Mao, Dally, "Deep compression", 2016, section 2 and figure 2: positions are stored as differences of k bits, 8 for
convolutions and 5 for fully-connected layers; where a difference is more than 2^k, a filler zero is put in between.
What is stored of a difference d is the gap d − 1, the zeros that lie between, so that 1 to 2^k fit into k bits; before
the first number the zeros from the beginning on. The authors' own decoder (positions = cumsum(gap + 1) − 1) and Han
2016, "EIE", section 3, read it so; the paper's figure counts its first difference from position 0.

[seed: Sparse/Pruning; Han 2016 section 2]
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.encoded import Coded, Encoded, Scaled, Symbols
from qref.quantizers.granularity import TENSOR
from qref.quantizers.packed_codes import pack, packed_bits
from qref.quantizers.weights import finite

CONVOLUTION_BITS, DENSE_BITS = 8, 5  # the paper's
COUNT_BITS = 32

MOST_VALUES = 256  # of a codebook whose codes have 8 bits

Weights = NDArray[np.float32]
Mask = NDArray[np.bool_]
Codes = Scaled | Coded
EncodeValues = Callable[[Weights], Encoded]
"""Nonzero weights in a row → a code for each, all of one scale or codebook."""


@dataclass(frozen=True, eq=False)
class RelativeIndex:
    """W[p_i] = v_i with p_i = Σ (g_j + 1) − 1 over j ≤ i, in C order, and 0 elsewhere.

    shape: of W. gaps: uint8 [entries], g_i < 2^gap_bits. values: v, float32 [entries], or codes [1, entries] of one
    scale or codebook. A filler is an entry of value 0.
    """

    shape: tuple[int, ...]
    gaps: NDArray[np.uint8]
    gap_bits: int
    values: Codes | Weights

    @property
    def bits(self) -> int:
        return sum(packed_bits(stream.values.size, stream.width) for stream in self.symbols) + 8 * len(self.tables)

    @property
    def symbols(self) -> tuple[Symbols, ...]:
        """The gaps, and the codes where values are codes."""
        gaps = Symbols(self.gaps, self.gap_bits)
        return (gaps, *self.values.symbols) if isinstance(self.values, Codes) else (gaps,)

    @property
    def tables(self) -> bytes:
        """The values, or their scale or codebook, and the number of entries in 32 bits."""
        values = self.values.tables if isinstance(self.values, Codes) else self.values.astype("<f4").tobytes()
        return values + self.gaps.size.to_bytes(COUNT_BITS // 8, "little")

    def packed(self) -> bytes:
        return b"".join(pack(stream.values, stream.width) for stream in self.symbols) + self.tables

    def positions(self) -> NDArray[np.int64]:
        """Where each entry stands in C order."""
        return np.cumsum(self.gaps.astype(np.int64) + 1) - 1

    def decode(self) -> Weights:
        """Each value at its place, 0 elsewhere."""
        W = np.zeros(prod(self.shape), np.float32)
        W[self.positions()] = self.values.decode() if isinstance(self.values, Codes) else self.values
        return W.reshape(self.shape)


def sparse(W: Weights, mask: Mask | None, encode_values: EncodeValues | None, gap_bits: int) -> RelativeIndex:
    """The relative index of a pruned tensor.

    Args:
        W: finite float32. mask: of W's shape, False where a weight was pruned; None where those are 0. A weight of 0 is
        stored in neither case. encode_values: what makes codes of the nonzero weights, given as one row, [1, nonzero];
        None leaves them float32. gap_bits: bits of a gap, 1 to 8.

    Raises:
        InvalidInput: W is not float32 or not finite, a mask of another shape, other bits, or codes that cannot stand
            for these weights and 0 as well (`_with_filler_codes`).
    """
    W = finite("W", W)
    if not 1 <= gap_bits <= 8:
        raise InvalidInput(f"gaps of {gap_bits} bits: give 1 to 8")
    if mask is not None and (mask.shape != W.shape or mask.dtype != np.bool_):
        raise InvalidInput(f"mask is {mask.dtype} {list(mask.shape)}: give bool {list(W.shape)}")
    flat = W.reshape(-1)
    at = np.flatnonzero(flat if mask is None else mask.reshape(-1) & (flat != 0))
    gaps, kept = with_fillers(at, gap_bits)
    if encode_values is None:
        values = np.zeros(gaps.size, np.float32)
        values[kept] = flat[at]
        return RelativeIndex(W.shape, gaps, gap_bits, values)
    return RelativeIndex(W.shape, gaps, gap_bits, _with_filler_codes(encode_values(flat[at].reshape(1, -1)), kept))


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


def _with_filler_codes(coded: Encoded, kept: NDArray[np.bool_]) -> Codes:
    """The codes with those of fillers in between.

    Raises:
        InvalidInput: not one code a weight, several scales or codebooks, or no code left for 0.
    """
    if not isinstance(coded, Codes) or coded.codes.size != np.count_nonzero(kept):
        raise InvalidInput(f"{type(coded).__name__} of nonzero weights: give a scheme with one code a weight")
    parts = len(coded.scales if isinstance(coded, Scaled) else coded.codebooks)
    if parts != 1:
        raise InvalidInput(f"{parts} scales or codebooks of nonzero weights: give one for the tensor")
    return _scaled(coded, kept) if isinstance(coded, Scaled) else _coded(coded, kept)


def _scaled(coded: Scaled, kept: NDArray[np.bool_]) -> Scaled:
    """A filler has code 0."""
    if coded.width == 1 and not kept.all():
        raise InvalidInput("codes of one bit, −1 and +1, without 0, which fillers need: give more bits")
    codes = np.zeros((1, kept.size), np.int8)
    codes[0, kept] = coded.codes.reshape(-1)
    return replace(coded, codes=codes)


def _coded(coded: Coded, kept: NDArray[np.bool_]) -> Coded:
    """A filler has the code of 0, which becomes the first value of a codebook that does not have it."""
    codebook, codes = coded.codebooks[0], np.zeros((1, kept.size), np.uint8)
    codes[0, kept] = coded.codes.reshape(-1)
    if kept.all():
        return replace(coded, codes=codes)
    if (codebook == 0).any():
        codes[0, ~kept] = np.flatnonzero(codebook == 0)[0]
        return replace(coded, codes=codes)
    if codebook.size == MOST_VALUES:
        raise InvalidInput(f"a codebook of {codebook.size} values without 0, which fillers need: give fewer")
    codes[0, kept] += np.uint8(1)
    width = max(coded.width, codebook.size.bit_length())
    return Coded(codes, np.concatenate([np.zeros(1, np.float32), codebook])[np.newaxis], TENSOR, width)
