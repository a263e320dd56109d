"""A convolution with other operands than its own, with other sums, or with windows that begin elsewhere."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from qref.conv.cost import Shapes
from qref.conv.exact import windows
from qref.conv.geometry import Geometry
from qref.conv.winograd import applies
from qref.mistakes.altered_request import check
from qref.mistakes.products import CONVOLUTIONS, Array, convolved, from_accumulator, geometry_of, operands
from qref.numerics.exact_sums import dot
from qref.numerics.tensor import Tensor
from qref.ops.bound import MAGNITUDE
from qref.ops.request import Request


def by_sums(request: Request, sums: Callable[[Array, Array, Geometry], Array]) -> list[Tensor]:
    """The answer where `sums` makes the sums [N, M, o1, …] of x and w, both less their zero points."""
    check(request, CONVOLUTIONS)
    found = operands(request)
    x, w = found.left - found.left_zero, found.right - found.right_zero
    return from_accumulator(request, sums(x, w, geometry_of(request)))


def with_operands(
    request: Request, alter: Callable[[Array, Array, Geometry], tuple[Array, Array, Geometry]]
) -> list[Tensor]:
    """The right answer for what `alter` makes of x and w, both less their zero points, and of the geometry."""
    return by_sums(request, lambda x, w, geometry: convolved(request, *alter(x, w, geometry)))


def with_right_sums(request: Request, alter: Callable[[Array, Array, Array, Geometry], Array]) -> list[Tensor]:
    """The answer where `alter` makes the sums of the right ones, x, w and the geometry."""
    return by_sums(request, lambda x, w, geometry: alter(convolved(request, x, w, geometry), x, w, geometry))


def starting_at(request: Request, starts: Callable[[Geometry], Sequence[Sequence[int]]]) -> list[Tensor]:
    """The answer where the windows begin at these pixels, one list a dimension of space; pads begin below 0."""

    def sums(x: Array, w: Array, geometry: Geometry) -> Array:
        pixels = [np.array(row, np.int64) for row in starts(geometry)]
        if any(row.size == 0 for row in pixels):
            return convolved(request, x, w, geometry)
        begin = tuple(max(-int(row.min()), 0) for row in pixels)
        end = tuple(max(int(row.max()) + geometry.extent(i) - x.shape[2 + i], 0) for i, row in enumerate(pixels))
        every = replace(geometry, strides=(1,) * len(begin), pads_begin=begin, pads_end=end)
        y = convolved(request, x, w, every)
        for i, row in enumerate(pixels):
            y = np.take(y, row + begin[i], axis=2 + i)
        return y

    return by_sums(request, sums)


def outputs_of(geometry: Geometry, image: Sequence[int]) -> list[range]:
    """The numbers of the outputs in each dimension of space."""
    return [range(length) for length in geometry.output(tuple(image))]


def unpadded(geometry: Geometry, dimensions: Sequence[int] | None = None) -> Geometry:
    """The geometry without padding, or without it in some dimensions only."""
    n = len(geometry.kernel)
    away = range(n) if dimensions is None else dimensions
    begin, end = (
        tuple(0 if i in away else pads[i] for i in range(n)) for pads in (geometry.pads_begin, geometry.pads_end)
    )
    return replace(geometry, pads_begin=begin, pads_end=end)


def takes_winograd(x: Array, w: Array, geometry: Geometry) -> bool:
    """Whether an engine would use F(2×2, 3×3): 3×3 kernels in two dimensions, stride and dilation 1."""
    return x.ndim == 4 and applies(Shapes(x.shape, w.shape, geometry)) == ""


def lowered(x: Array, geometry: Geometry) -> Array:
    """The columns [C, k1, …, N, o1, …] of all images, zeros beside the image."""
    output = geometry.output(x.shape[2:])
    columns = windows(x, geometry, np.arange(x.shape[0] * math.prod(output)))
    return columns.reshape(*columns.shape[:-1], x.shape[0], *output)


def multiplied(columns: Array, w: Array, geometry: Geometry) -> Array:
    """The sums [N, M, o1, …] of columns [C, k1, …, N, o1, …] and kernels w [M, C/G, k1, …], as `convolved` rounds."""
    G, M, taps = geometry.group, w.shape[0], math.prod(w.shape[1:])
    outputs = columns.shape[1 + len(geometry.kernel) :]
    kernels, matrices = w.reshape(G, M // G, taps), columns.reshape(G, taps, math.prod(outputs))
    y = np.matmul(kernels, matrices) if w.dtype.kind == "i" else dot(kernels, matrices, MAGNITUDE)
    return np.swapaxes(y.reshape(M, *outputs), 0, 1)
