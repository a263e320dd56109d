"""MEC: the lowered matrix, and overlapping partitions of it multiplied by the kernel, by register tiles.

A partition is not copied: its rows are strides of the lowered matrix, which is to the tile an image with channels last
whose windows lie i_h·k_w pixels apart. The letters are those of `qref.conv.mec`.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import float32, int64, njit, types, void
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.kernels.conv import float32_direct, kernel
from qref.kernels.conv.copying import copy_floats
from qref.kernels.conv.kernel import Kernel, in_parts, in_space, in_three_dimensions, scratch, scratch_bytes
from qref.kernels.conv.operands import matched, set_of
from qref.kernels.conv.rows import LOOP
from qref.kernels.layout import BLOCK, NCHW, Layout, Strides
from qref.kernels.packed import Packed
from qref.kernels.tile.float32 import Limits

IMAGE = types.Array(float32, 4, "C", readonly=True, aligned=False)


@dataclass(frozen=True)
class Lowered(Layout):
    """L [o_w, i_h1, i_h2, k_w, i_c] as images with channels last; space is i_h1, i_h2 and o_w·i_h1·i_h2·k_w."""

    k_w: int

    def steps(self, channels: int, space: tuple[int, ...]) -> Strides:
        """Distances in L."""
        row = self.k_w * channels
        return Strides(1, BLOCK, 0, (space[1] * row, row, channels))


@njit(
    void(int64, int64, int64, IMAGE, int64, int64, int64, float32[:, :, ::1], float32[:, :, :, ::1]),
    **LOOP,
)
def lower(first: int, last: int, parts: int, I: Any, s: int, d: int, b: int, rows: Any, L: Any) -> None:
    """L[w, h, r, c] = I[c, h, s·w + d·r − b], zero beside the image.

    Args:
        first, last: which parts of the rows of the image, of so many `parts`.
        I: [i_c, i_h1, i_h2, i_w]. s, d, b: stride, dilation and padding of the last dimension.
        rows: for each part a row of the image [pixels that windows meet, i_c], zeros. L: [o_w, i_h1·i_h2, k_w, i_c].
    """
    i_c, _, i_h2, i_w = I.shape
    o_w, i_h, k_w, _ = L.shape
    for part in range(first, last):
        row = rows[part]
        begin = row.ctypes.data
        pixels = min(i_w, row.shape[0] - b)
        for h in range(i_h * part // parts, i_h * (part + 1) // parts):
            for c in range(i_c):
                channel = I[c, h // i_h2, h % i_h2]
                for i in range(pixels):
                    row[b + i, c] = channel[i]
            for w in range(o_w):
                to, window = L[w, h].ctypes.data, begin + 4 * s * w * i_c
                if d == 1:
                    copy_floats(to, window, k_w * i_c)
                else:
                    for r in range(k_w):
                        copy_floats(to + 4 * r * i_c, window + 4 * d * r * i_c, i_c)


def lengths(x: tuple[int, ...], geometry: Geometry, threads: int) -> dict[str, tuple[int, ...]]:
    """What the workspace holds, for images [N, C, D1, D2, D3]: L of one image, and a row of it for each thread."""
    o_w, k_w = geometry.output(x[2:])[2], geometry.kernel[2]
    met = (o_w - 1) * geometry.strides[2] + geometry.extent(2)
    return {"L": (max(o_w, 0), x[2] * x[3], k_w, x[1]), "rows": (threads, max(met, 0), x[1])}


def workspace(shapes: Shapes, threads: int) -> int:
    """Bytes of the lowered matrix of one image and of the rows that it is made from."""
    inner = in_three_dimensions(shapes.geometry)
    return scratch_bytes(lengths((*shapes.x[:2], *in_space(shapes.x[2:])), inner, threads), np.float32)


def pack(w: NDArray[Any], geometry: Geometry) -> Packed:
    """As `float32_direct.pack`. Raises Unsupported for weights that are not float32."""
    return replace(float32_direct.pack(kernel.float32(w), geometry), kernel="mec")


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
    here = set_of(packed, geometry.group, "mec")
    inner, images = in_three_dimensions(geometry), kernel.images(kernel.float32(x))
    output, k_w = inner.output(images.shape[2:]), inner.kernel[2]
    y = kernel.result(out, (len(x), packed.shape[0], *kernel.output_space(geometry, x.shape[2:])), np.float32, x)
    if y.size:
        space = scratch(workspace, lengths(images.shape, inner, threads), np.float32)
        L, rows = space["L"], space["rows"]
        rows[...] = 0
        # to the tile, windows lie as far apart as the rows of L that belong to one w
        i_h = images.shape[2] * images.shape[3]
        windows = replace(
            inner,
            strides=(*inner.strides[:2], i_h * k_w),
            dilations=(*inner.dilations[:2], 1),
            pads_begin=(*inner.pads_begin[:2], 0),
            pads_end=(*inner.pads_end[:2], 0),
        )
        shape = (1, images.shape[1], *images.shape[2:4], (output[2] - 1) * i_h * k_w + k_w)
        layouts = Lowered("lowered", True, False, k_w), NCHW
        plan = float32_direct.plan(shape, packed.shape, windows, here, layouts, Limits(), False)
        s, d, b = inner.strides[2], inner.dilations[2], inner.pads_begin[2]
        for n, I in enumerate(images):
            in_parts(threads, threads, lower, threads, I, s, d, b, rows, L)
            float32_direct.fill(y[n], L, packed, plan, 1, threads)
    return y


MEC = Kernel("mec", pack, run, workspace, places=True)
