"""What a weight scheme makes of a tensor: codes, and the numbers that give the codes their meaning."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qref.quantizers.granularity import Granularity
from qref.quantizers.packed_codes import pack, packed_bits

Weights = NDArray[np.float32]
BLOCK = 1 << 20  # codes looked up at a time: NumPy makes 64-bit indices of them


@dataclass(frozen=True, eq=False)
class Symbols:
    """Codes as they are stored. values: integers from 0 to 2^width − 1, any shape; width: 1 to 8."""

    values: NDArray[np.uint8]
    width: int


class Encoded(Protocol):
    """An encoded tensor: it knows its shape, its real size, and the way back."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor."""

    @property
    def bits(self) -> int:
        """The size in bits: 8 · len(packed())."""

    def decode(self) -> Weights:
        """The tensor that the codes stand for, float32."""

    def packed(self) -> bytes:
        """The bytes that are stored: codes packed without gaps, then scales, codebooks or what the scheme needs."""


@runtime_checkable
class SymbolCoded(Encoded, Protocol):
    """An encoded tensor that is streams of symbols and a rest: what Huffman's code makes shorter."""

    @property
    def symbols(self) -> tuple[Symbols, ...]:
        """The streams of codes in the order of `packed`."""

    @property
    def tables(self) -> bytes:
        """What `packed` has behind the codes: scales or codebooks."""


@dataclass(frozen=True, eq=False)
class Scaled:
    """W ≈ α·B: integer codes B, one scale α a part.

    codes: int8, the tensor's shape. scales: float32, one a part, in the order of the parts. width: bits of a packed
    code; with one bit codes are −1 (bit 0) and +1 (bit 1), with more they are two's complement.
    """

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    granularity: Granularity
    width: int

    @property
    def shape(self) -> tuple[int, ...]:
        return self.codes.shape

    @property
    def bits(self) -> int:
        return packed_bits(self.codes.size, self.width) + 32 * self.scales.size

    def decode(self) -> Weights:
        """α·b, rounded once; ±∞ beyond float32's largest number."""
        W = self.codes.astype(np.float32)
        if W.size:
            with np.errstate(over="ignore"):
                W *= self.granularity.spread(self.scales, self.shape)
        return W

    @property
    def symbols(self) -> tuple[Symbols, ...]:
        if self.width == 1:
            return (Symbols((self.codes > 0).astype(np.uint8), 1),)
        return (Symbols(self.codes.view(np.uint8) & np.uint8((1 << self.width) - 1), self.width),)

    @property
    def tables(self) -> bytes:
        return self.scales.astype("<f4").tobytes()

    def packed(self) -> bytes:
        codes = (self.codes > 0) if self.width == 1 else self.codes
        return pack(codes, self.width) + self.tables


@dataclass(frozen=True, eq=False)
class Coded:
    """W ≈ C[B]: each code is the place of a value in a codebook, one codebook a part.

    codes: uint8, the tensor's shape. codebooks: float32 [parts, values], at most 2^width. width: bits of a packed code.
    stored: whether the codebooks belong to the size; not where scheme and width alone give them.
    """

    codes: NDArray[np.uint8]
    codebooks: NDArray[np.float32]
    granularity: Granularity
    width: int
    stored: bool = True

    @property
    def shape(self) -> tuple[int, ...]:
        return self.codes.shape

    @property
    def bits(self) -> int:
        return packed_bits(self.codes.size, self.width) + (32 * self.codebooks.size if self.stored else 0)

    def decode(self) -> Weights:
        """C[b] of the part that b lies in."""
        W = np.empty(self.shape, np.float32)
        parts = zip(self.granularity.parts(W), self.granularity.parts(self.codes), self.codebooks)
        for w, b, codebook in parts:
            for begin in range(0, b.size, BLOCK):
                w[begin : begin + BLOCK] = codebook[b[begin : begin + BLOCK]]
        return W

    @property
    def symbols(self) -> tuple[Symbols, ...]:
        return (Symbols(self.codes, self.width),)

    @property
    def tables(self) -> bytes:
        return self.codebooks.astype("<f4").tobytes() if self.stored else b""

    def packed(self) -> bytes:
        return pack(self.codes, self.width) + self.tables


def squared_error(W: Weights, decoded: Weights) -> tuple[float, float]:
    """‖W − W′‖² and ‖W‖², in float64, for a report."""
    error = energy = 0.0
    for w, v in zip(_rows(W), _rows(decoded)):
        difference = w.astype(np.float64) - v
        error += float(difference @ difference)
        energy += float(w.astype(np.float64) @ w)
    return error, energy


def _rows(W: Weights) -> Any:
    return np.array_split(W.reshape(-1), max(W.size >> 20, 1))
