"""RegisterTile: what is fixed when a tile is compiled."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RegisterTile:
    """P pixels of a row × V vectors of output channels.

    taps: for each tap of a row of the kernel, at which of the P pixels it lies on the image: the tile is unrolled over
    taps, those in the padding left out. None: a range of taps given at run time, on the image at all pixels.
    unroll: words of channels of a round of the innermost loop; divides every block. whole: these are all words.
    blocks: there may be more than one block of channels.
    partial: some of the output channels may not exist. planes: outputs lie in planes (NCHW), not channels side by side.
    """

    pixels: int
    vectors: int
    taps: tuple[tuple[bool, ...], ...] | None = None
    unroll: int = 1
    whole: bool = False
    blocks: bool = True
    partial: bool = True
    planes: bool = True
