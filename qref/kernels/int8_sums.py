"""Exact sums of products of 8-bit integers: by int8 tiles where no sum can leave int32, else by loops over int64."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv import int8_direct
from qref.kernels.conv.direct import DIRECT
from qref.kernels.conv.kernel import DIMENSIONS, ONE
from qref.kernels.layout import NHWC
from qref.kernels.matrix_product import product as whole_product

LARGEST = 255 * 255
"""Of a product of two differences of 8-bit integers."""


def fits(terms: int, beside: int = 0) -> bool:
    """Whether a sum of so many products, and a number of magnitude `beside`, is an int32 whatever they are."""
    return terms * LARGEST + beside < 1 << 31


def convolution(
    x: NDArray[Any], w: NDArray[Any], geometry: Geometry, z_x: NDArray[np.int64], z_w: NDArray[np.int64]
) -> NDArray[np.int64]:
    """What `qref.ops.onnx.conv_integer.convolved` gives."""
    if len(geometry.kernel) > DIMENSIONS or not fits(math.prod(w.shape[1:])):
        return DIRECT(x.astype(np.int64) - z_x, w.astype(np.int64) - z_w, geometry)
    packed = int8_direct.pack(w, geometry, z_w.reshape(-1) if z_w.ndim else z_w)
    return int8_direct.int8_direct(x, packed, geometry, z_x=int(z_x)).astype(np.int64)


def product(
    A: NDArray[Any], B: NDArray[Any], z_a: NDArray[np.int64], z_b: NDArray[np.int64], threads: int = 1
) -> NDArray[np.int64]:
    """What `qref.ops.onnx.mat_mul_integer.multiplied` gives."""
    if not fits(A.shape[-1]):
        return whole_product(A.astype(np.int64) - z_a, B.astype(np.int64) - z_b, threads)
    rows, columns = np.atleast_2d(A), B if B.ndim > 1 else B[:, None]
    leading = np.broadcast_shapes(rows.shape[:-2], columns.shape[:-2])
    y = np.empty((*leading, rows.shape[-2], columns.shape[-1]), np.int64)
    zeros_a = np.broadcast_to(z_a, (*y.shape[:-1], 1))
    zeros_b = np.broadcast_to(z_b, (*leading, 1, y.shape[-1]))
    stack_a = np.broadcast_to(rows, (*leading, *rows.shape[-2:]))
    stack_b = np.broadcast_to(columns, (*leading, *columns.shape[-2:]))
    for place in np.ndindex(*leading):
        packed = int8_direct.pack(stack_b[place].T[:, :, None, None, None], ONE, zeros_b[place][0])
        pixels = stack_a[place][None, None, None]
        sums = int8_direct.int8_direct(pixels, packed, ONE, threads, layouts=(NHWC, NHWC))
        y[place] = sums.reshape(y.shape[-2:]) - zeros_a[place] * packed.arrays["sums"].reshape(-1)
    of_a, of_b = A.shape[-2:-1], B.shape[-1:] if B.ndim > 1 else ()
    return y.reshape((*leading, *of_a, *of_b))
