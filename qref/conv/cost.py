"""What a convolution costs: arithmetic, traffic and memory, in closed form from its shapes.

How things are counted, for every algorithm alike:

- A multiplication is one of two numbers that depend on the data, or on the data and a constant other than 0 and ±1. An
  addition is one of a product or a transformed number into a sum; the first term of a sum counts as well, as it
  does in a multiply-add. Taps that an algorithm never touches because they lie beside the image are not counted; zeros
  that it has copied into its workspace are, for it multiplies them.
- A shift is a product with a power of two, made by moving bits: no multiplication, but counted by itself. The sum that
  it goes into is an addition as any other.
- Bytes read and written: each stage of an algorithm (lowering, product, transform) reads each of its operands once and
  writes its result once, as with a cache that holds what is being worked on.
- Workspace is what an algorithm holds beside input, weights and output: not the one window, row, tile or channel that
  it has in its hands, nor the buffers of NumPy's own loops.
- Weights in an order or form of the algorithm's own (packed, compressed, transformed) are made once a network, before
  the first image, and kept in place of the tensor: `weights` is their size, and making them costs nothing here.
"""

import math
from dataclasses import dataclass

from qref.conv.geometry import Geometry


@dataclass(frozen=True)
class Shapes:
    """The shapes of a convolution, and the sizes of its elements.

    x: [N, C, D1, …]. w: [M, C/G, k1, …]. itemsize: bytes of an element of x and w. nonzeros: weights that are not zero
    (None: all). accumulator: bytes of an element of the output (None: itemsize). widths: bits of an element of x and of
    w, for algorithms that look at single bits (None: 8 · itemsize).
    """

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    itemsize: int = 4
    nonzeros: int | None = None
    accumulator: int | None = None
    widths: tuple[int, int] | None = None

    @property
    def image(self) -> tuple[int, ...]:
        """Lengths of the input in space."""
        return self.x[2:]

    @property
    def output(self) -> tuple[int, ...]:
        """Shape of the output [N, M, o1, …]."""
        return (self.x[0], self.w[0], *self.geometry.output(self.image))

    @property
    def windows(self) -> int:
        """Output positions of one image: o1 · o2 · …"""
        return math.prod(self.output[2:])

    @property
    def taps(self) -> int:
        """Weights of one output channel: C/G · k1 · k2 · …"""
        return math.prod(self.w[1:])

    @property
    def macs(self) -> int:
        """Multiplications of the definition, taps in the padding included."""
        return self.x[0] * self.w[0] * self.windows * self.taps

    @property
    def touched(self) -> int:
        """Multiplications of the definition, taps in the padding left out."""
        return self.x[0] * self.w[0] * self.w[1] * self.geometry.touched(self.image)

    @property
    def kept(self) -> int:
        """Weights that are not zero."""
        return math.prod(self.w) if self.nonzeros is None else self.nonzeros

    @property
    def output_itemsize(self) -> int:
        """Bytes of an element of the output."""
        return self.itemsize if self.accumulator is None else self.accumulator

    @property
    def input_bytes(self) -> int:
        """Bytes of x."""
        return math.prod(self.x) * self.itemsize

    @property
    def weight_bytes(self) -> int:
        """Bytes of w as a dense tensor."""
        return math.prod(self.w) * self.itemsize

    @property
    def output_bytes(self) -> int:
        """Bytes of y."""
        return math.prod(self.output) * self.output_itemsize


@dataclass(frozen=True)
class Cost:
    """Operations, traffic and memory of one algorithm on one convolution.

    weights: bytes of the weights as the algorithm keeps them, None where that is the tensor w itself.
    """

    multiplications: int
    additions: int
    bytes_read: int
    bytes_written: int
    workspace: int
    weights: int | None = None
    shifts: int = 0

    def peak(self, shapes: Shapes) -> int:
        """Bytes that must be there at once: input, weights, output and workspace."""
        weights = shapes.weight_bytes if self.weights is None else self.weights
        return shapes.input_bytes + weights + shapes.output_bytes + self.workspace
