"""im2col and a matrix product: the column matrix of one image in a workspace, then the product by register tiles.

The matrix stands in panels of a few columns [panel][C/G·k1·…][column], so that a tile meets the elements of its columns
side by side; and a panel, once in the cache, meets all kernels. To the tile it is an image whose pixels are columns.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numba import float32, int64, njit, types, void
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.kernels import instructions
from qref.kernels.conv import float32_direct, kernel
from qref.kernels.conv.copying import copy_floats
from qref.kernels.conv.kernel import ONE, Kernel, in_parts, in_space, in_three_dimensions, scratch, scratch_bytes
from qref.kernels.conv.operands import matched, set_of
from qref.kernels.conv.planes import borders, fill, layout, starts
from qref.kernels.conv.rows import LOOP
from qref.kernels.instructions import InstructionSet
from qref.kernels.layout import BLOCK, NCHW, Layout, Strides
from qref.kernels.packed import Packed
from qref.kernels.tile.float32 import Limits

TILES = 3
"""Tiles side by side in a panel: from the second on, they meet weights that are in the cache."""
IMAGE = types.Array(float32, 4, "C", readonly=True, aligned=False)


@dataclass(frozen=True)
class Runs(Layout):
    """NCHW whose images are runs of `width` pixels, one after another in the same planes of `pixels` pixels."""

    width: int
    pixels: int

    def steps(self, channels: int, space: tuple[int, ...]) -> Strides:
        """Distances in the planes."""
        return Strides(self.pixels, BLOCK * self.pixels, self.width, (self.pixels, self.pixels, 1))


@njit(
    void(
        int64, int64, int64, IMAGE, int64[:, :, ::1], int64[::1], int64[:, ::1], float32[:, :, :, :, ::1],
        float32[:, :, :, ::1],
    ),
    **LOOP,
)  # fmt: skip
def lower(
    first: int, last: int, parts: int, x: Any, borders: Any, taps: Any, segments: Any, planes: Any, columns: Any
) -> None:
    """columns[panel, g, c·k1·k2·k3 + r, j] = the pixel under tap r at output panel·width + j, zero beside the image.

    Args:
        first, last: which parts of the channels, of so many `parts`.
        x: one image [G·C, D1, D2, D3]. borders: of `planes.borders`. taps: of `planes.starts`. segments: of `segments`.
        planes: a channel's planes for each part, zeros. columns: [panels, G, C·k1·k2·k3 or one more, width].
    """
    C, (G, _, width), R = x.shape[0], columns.shape[1:], taps.size
    for part in range(first, last):
        plane = planes[part]
        begin = plane.ctypes.data
        for c in range(C * part // parts, C * (part + 1) // parts):
            fill(x[c], borders, plane)
            g, row = c // (C // G), c % (C // G) * R
            i = 0
            for panel in range(columns.shape[0]):
                to = columns[panel, g, row:].ctypes.data
                end = i
                while end < segments.shape[0] and segments[end, 0] == panel:
                    end += 1
                for r in range(R):
                    for j in range(i, end):
                        column, place, count = segments[j, 1], segments[j, 2], segments[j, 3]
                        copy_floats(to + 4 * (r * width + column), begin + 4 * (taps[r] + place), count)
                i = end


@lru_cache(maxsize=256)
def segments(output: tuple[int, ...], lengths: tuple[int, ...], width: int) -> NDArray[np.int64]:
    """Columns side by side in a panel and in a row of outputs, [n, 4]: panel, first column, place in a plane, length.

    Args:
        output: o1, o2, o3. lengths: of a plane, h1, h2, h3.
    """
    _, o2, o3 = output
    count = math.prod(output)
    cuts = np.union1d(np.arange(0, count + 1, width), np.arange(0, count + 1, o3))
    cuts = np.union1d(cuts, [count])
    begin = cuts[:-1]
    row, p3 = begin // o3, begin % o3
    place = (row // o2 * lengths[1] + row % o2) * lengths[2] + p3
    return np.stack([begin // width, begin % width, place, np.diff(cuts)], axis=1).astype(np.int64)


@dataclass(frozen=True)
class Lengths:
    """What the workspace holds: columns [panels, G, C·k1·k2·k3, width], and planes of a channel for each thread.

    An odd C·k1·k2·k3 is made even: a tile goes by two elements of a column at a time.
    """

    columns: tuple[int, int, int, int]
    planes: tuple[int, ...]

    def arrays(self) -> dict[str, tuple[int, ...]]:
        """As `scratch` takes them."""
        return {"columns": self.columns, "planes": self.planes}


def lengths(x: tuple[int, ...], geometry: Geometry, here: InstructionSet, threads: int) -> Lengths:
    """For images [N, C, D1, D2, D3] and a geometry in three dimensions."""
    width, G = TILES * here.pixels, geometry.group
    panels = -(-kernel.numbers(geometry.output(x[2:])) // width)
    plane, phases = layout(x[2:], geometry)
    return Lengths((panels, G, even(x[1] // G * math.prod(geometry.kernel)), width), (threads, len(phases), *plane))


def even(n: int) -> int:
    """n, or n + 1."""
    return n + n % 2


def workspace(shapes: Shapes, threads: int) -> int:
    """Bytes of the column matrix of one image and of the planes that it is made from."""
    inner = in_three_dimensions(shapes.geometry)
    found = lengths((*shapes.x[:2], *in_space(shapes.x[2:])), inner, instructions.chosen(), threads)
    return scratch_bytes(found.arrays(), np.float32)


def pack(w: NDArray[Any], geometry: Geometry) -> Packed:
    """w [M, C/G, k1, …] as that of a convolution of single pixels with C/G·k1·… channels, zeros in one more if odd.

    Raises:
        Unsupported: weights that are not float32, more than three dimensions of space.
    """
    in_three_dimensions(geometry)
    K = math.prod(w.shape[1:])
    rows = np.zeros((w.shape[0], even(K), 1, 1, 1), np.float32)
    rows[:, :K, 0, 0, 0] = kernel.float32(w).reshape(w.shape[0], K)
    found = float32_direct.pack(rows, replace(ONE, group=geometry.group))
    return replace(found, kernel="im2col", shape=w.shape)


def run(
    x: NDArray[Any],
    packed: Packed,
    geometry: Geometry,
    threads: int,
    workspace: NDArray[np.uint8] | None = None,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """The convolution with packed weights, image by image. out: where the result goes."""
    matched(x.shape, packed.shape, geometry, threads)
    here, inner, M = set_of(packed, geometry.group, "im2col"), in_three_dimensions(geometry), packed.shape[0]
    images = kernel.images(kernel.float32(x))
    output = inner.output(images.shape[2:])
    y = kernel.result(out, (len(x), M, *kernel.output_space(geometry, x.shape[2:])), np.float32, x)
    if y.size:
        found = lengths(images.shape, inner, here, threads)
        space = scratch(workspace, found.arrays(), np.float32)
        space["planes"][...] = 0
        space["columns"][:, :, images.shape[1] // inner.group * math.prod(inner.kernel) :] = 0
        along, taps = borders(images.shape[2:], inner), starts(inner, *layout(images.shape[2:], inner))
        where = segments(output, found.planes[2:], found.columns[-1])
        for n, image in enumerate(images):
            in_parts(threads, threads, lower, threads, image, along, taps, where, space["planes"], space["columns"])
            multiply(y[n].reshape(M, -1), space["columns"], packed, here, BLOCK * taps.size, threads)
    return y


def multiply(
    y: NDArray[np.float32], columns: NDArray[np.float32], packed: Packed, here: InstructionSet, block: int, threads: int
) -> None:
    """The kernels times the column matrix, into y [M, pixels]: first all whole panels, then what is left.

    block: products after which sums are split.
    """
    (panels, G, K, width), pixels = columns.shape, y.shape[1]
    layouts = NCHW, Runs("runs", False, False, width, pixels)
    for first, count, missing in ((0, pixels // width, 0), (pixels // width, 1, -pixels % width)):
        if count and first < panels:
            geometry, shape = replace(ONE, pads_end=(0, 0, -missing), group=G), (count, G * K, 1, 1, width)
            plan = float32_direct.plan(shape, (len(y), K, 1, 1, 1), geometry, here, layouts, Limits(), False, block)
            float32_direct.fill(y[:, first * width :], columns[first:], packed, plan, count, threads)


IM2COL = Kernel("im2col", pack, run, workspace, places=True)
