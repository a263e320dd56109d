"""InstructionSet: what a kernel has to know of a processor."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InstructionSet:
    """A processor's vector instructions, as kernels are parameterized by them.

    name: as `QREF_KERNELS` takes it. needs: LLVM's names of the features. lanes: float32 or int32 numbers in a vector.
    registers: vectors at hand. register: the letter of a vector register in a constraint of inline assembly.
    pixels, vectors: the tile of float32: so many pixels × so many vectors of output channels are summed up at once.
    dot: how four products of bytes are added to an int32 lane, a name of `qref.kernels.tile.dot.DOTS`.
    popcount: how the bits of a vector are counted, a name of `qref.kernels.tile.popcount.POPCOUNTS`.
    """

    name: str
    needs: tuple[str, ...]
    lanes: int
    registers: int
    register: str
    pixels: int
    vectors: int
    dot: str
    popcount: str

    @property
    def masks(self) -> bool:
        """Whether a store by a mask costs no more than another: on AVX-512."""
        return "avx512f" in self.needs

    @property
    def tiles(self) -> bool:
        """Whether there are registers of 16 rows of 64 bytes, and products of them."""
        return "amx-tile" in self.needs
