"""ScaledCodebook: one codebook for all tensors, stretched by a scale of each part."""

from dataclasses import dataclass

from qref.quantizers.encoded import Coded
from qref.quantizers.packed_codes import pack, packed_bits


@dataclass(frozen=True, eq=False)
class ScaledCodebook(Coded):
    """W ≈ (α·C)[B]: the codebook C follows from scheme and width, so that only codes and α are stored.

    codebooks: float32 [parts, values], each α·C rounded. α itself is the last value of each: what it has to be to give
    the others back is the scheme's to say.
    """

    @property
    def bits(self) -> int:
        return packed_bits(self.codes.size, self.width) + 32 * len(self.codebooks)

    def packed(self) -> bytes:
        return pack(self.codes, self.width) + self.codebooks.max(axis=1, initial=0).astype("<f4").tobytes()
