"""Layouts of images, the order of their axes: NCHW, NHWC, and NCHW with channels in blocks (NCHW32c)."""

import math
from dataclasses import dataclass

from qref.errors import Unsupported

BLOCK = 32
"""Channels side by side in the blocked layout. Sums are split there too, so a block is one run of addresses."""


@dataclass(frozen=True)
class Strides:
    """Distances in elements: to the next channel, block of BLOCK channels, image, and along the axes of space."""

    channel: int
    block: int
    image: int
    space: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """An order of axes. name: NCHW, NHWC or NCHW32c. last: channels (of a block, or all) lie side by side.

    Channels that fill up the last block of NCHW32c hold anything: no kernel reads them.
    """

    name: str
    last: bool
    blocked: bool

    def shape(self, n: int, channels: int, space: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of an array of n images."""
        if self.blocked:
            return (n, -(-channels // BLOCK), *space, BLOCK)
        return (n, *space, channels) if self.last else (n, channels, *space)

    def steps(self, channels: int, space: tuple[int, ...]) -> Strides:
        """Distances in an array of that shape."""
        pixels = math.prod(space)
        pixel = BLOCK if self.blocked else channels if self.last else 1
        axes = tuple(pixel * math.prod(space[i + 1 :]) for i in range(len(space)))
        if self.blocked:
            return Strides(1, BLOCK * pixels, -(-channels // BLOCK) * BLOCK * pixels, axes)
        channel = 1 if self.last else pixels
        return Strides(channel, BLOCK * channel, channels * pixels, axes)


def whole_blocks(layouts: tuple[Layout, Layout], group: int, channels: int, kernels: int) -> None:
    """Refuses groups, of so many input and output channels, that cut a block. Raises Unsupported."""
    into, out = layouts
    if group > 1 and ((into.blocked and channels % BLOCK) or (out.blocked and kernels % BLOCK)):
        raise Unsupported(f"{group} groups of {channels} channels: blocks of {BLOCK} are cut; take NCHW or NHWC")


NCHW = Layout("NCHW", last=False, blocked=False)
NHWC = Layout("NHWC", last=True, blocked=False)
NCHW32C = Layout("NCHW32c", last=True, blocked=True)
