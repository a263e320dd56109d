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
from qref.kernels.matrix_product import stacks

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
    a, b, shape = stacks(A, B)
    zeros_a, _, _ = stacks(np.broadcast_to(z_a, (*A.shape[:-1], 1)), B)
    y = np.empty((*a.shape[:-1], b.shape[-1]), np.int64)
    zeros_b = np.broadcast_to(z_b, (*b.shape[:-2], 1, b.shape[-1]))
    for place in np.ndindex(*y.shape[:-2]):
        packed = int8_direct.pack(b[place].T[:, :, None, None, None], ONE, zeros_b[place][0])
        pixels = a[place][None, None, None]
        sums = int8_direct.int8_direct(pixels, packed, ONE, threads, layouts=(NHWC, NHWC))
        y[place] = sums.reshape(y.shape[-2:]) - zeros_a[place] * packed.arrays["sums"].reshape(-1)
    return y.reshape(shape)
