"""The column matrix of im2col, row by row in C order."""

from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv.kernel import in_parts
from qref.kernels.conv.rows import LOOP
from qref.kernels.conv.steps import on_image, steps


@njit(
    void(int64, int64, float32[:, :, :, ::1], int64[:, ::1], float32[:, :, :, :, :, :, ::1]),
    **LOOP,
)
def lower(first: int, last: int, x: Any, steps: Any, columns: Any) -> None:
    """columns[c, r, p] = x[c, s·p + d·r − b] for first ≤ c < last, zero beside the image.

    Args:
        x: one image [C, D1, D2, D3]. steps: strides, dilations and padding at the beginning, [3, 3].
        columns: [C, k1, k2, k3, o1, o2, o3].
    """
    _, n1, n2, n3 = x.shape
    _, k1, k2, k3, o1, o2, o3 = columns.shape
    (s1, s2, s3), (d1, d2, d3), (b1, b2, b3) = steps[0], steps[1], steps[2]
    for c in range(first, last):
        for r1 in range(k1):
            for r2 in range(k2):
                for r3 in range(k3):
                    for p1 in range(o1):
                        for p2 in range(o2):
                            row = columns[c, r1, r2, r3, p1, p2]
                            i1, i2, start = s1 * p1 + d1 * r1 - b1, s2 * p2 + d2 * r2 - b2, d3 * r3 - b3
                            if i1 < 0 or i1 >= n1 or i2 < 0 or i2 >= n2:
                                for p3 in range(o3):
                                    row[p3] = 0
                                continue
                            pixels = x[c, i1, i2]
                            before, after = on_image(start, s3, o3, n3)
                            for p3 in range(before):
                                row[p3] = 0
                            for p3 in range(before, after):
                                row[p3] = pixels[s3 * p3 + start]
                            for p3 in range(after, o3):
                                row[p3] = 0


def columns_of(x: NDArray[Any], geometry: Geometry, threads: int) -> NDArray[Any]:
    """The column matrix of one image [C, D1, D2, D3]: [C·k1·k2·k3, o1·o2·o3]."""
    output = geometry.output(x.shape[1:])
    columns = np.empty((x.shape[0], *geometry.kernel, *output), x.dtype)
    along = steps(geometry)
    in_parts(x.shape[0], threads, lower, x, along, columns)
    return columns.reshape(x.shape[0] * int(np.prod(geometry.kernel)), int(np.prod(output)))
