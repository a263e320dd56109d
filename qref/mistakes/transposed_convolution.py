"""A transposed convolution taken apart: all that its pixels add up to, and the part of it that is the output."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qref import ops
from qref.conv.exact import exact_transposed
from qref.conv.geometry import Geometry, on_image
from qref.mistakes.altered_request import check
from qref.mistakes.products import Array, left_of, raw
from qref.numerics.tensor import Tensor
from qref.ops.bound import MAGNITUDE
from qref.ops.onnx.conv_transpose import geometry
from qref.ops.request import Request

TRANSPOSED = ("ConvTranspose",)


@dataclass(frozen=True, eq=False)
class Parts:
    """x [N, C, D1, …], w [C, M/G, k1, …], the geometry, whose pads the output lacks, and the output's lengths."""

    x: Array
    w: Array
    geometry: Geometry
    lengths: tuple[int, ...]

    @property
    def whole(self) -> tuple[int, ...]:
        """Lengths of all that the pixels add up to: s·(D − 1) + extent."""
        ways = enumerate(zip(self.geometry.strides, self.x.shape[2:], strict=True))
        return tuple(s * (D - 1) + self.geometry.extent(i) for i, (s, D) in ways)


def parts(request: Request) -> Parts:
    """The parts of a valid request. Raises Unsupported for other operators, and what the reference raises."""
    check(request, TRANSPOSED)
    x, w = left_of(request), weights(request)
    found, output = geometry(x.shape, w.shape, **ops.keywords(request, ops.find(request)))
    return Parts(raw(x), raw(w), found, output)


def weights(request: Request) -> Tensor:
    """W of a valid request."""
    found = request.inputs[1]
    assert found is not None
    return found


def all_sums(given: Parts) -> Array:
    """The whole of all sums [N, M, s·(D − 1) + extent, …], rounded to 24 bits, before padding takes any away."""
    nothing = (0,) * len(given.lengths)
    uncut = replace(given.geometry, pads_begin=nothing, pads_end=nothing)
    return exact_transposed(given.x, given.w, uncut, given.whole, MAGNITUDE)


def tap_by_tap(given: Parts, rounded: Callable[[Array], Array]) -> Array:
    """The same where a running sum is `rounded` after each product: channel by channel, tap by tap."""
    g, (N, C, *image), M_g = given.geometry, given.x.shape, given.w.shape[1]
    pixels = given.x.reshape(N, g.group, C // g.group, 1, *image)
    kernels = given.w.reshape(g.group, C // g.group, M_g, *g.kernel)
    y = np.zeros((N, g.group, M_g, *given.whole))
    for c, *tap in np.ndindex(C // g.group, *g.kernel):
        starts = [r * d for r, d in zip(tap, g.dilations, strict=True)]
        ways = zip(starts, image, g.strides, strict=True)
        met = (slice(None),) * 3 + tuple(slice(start, start + s * (D - 1) + 1, s) for start, D, s in ways)
        weight = kernels[(slice(None), c, slice(None), *tap)].reshape(g.group, M_g, *[1] * len(image))
        y[met] = rounded(y[met] + pixels[:, :, c] * weight)
    return y.reshape(N, g.group * M_g, *given.whole)


def cut(y: Array, begin: Sequence[int], lengths: Sequence[int]) -> Array:
    """The part of y [N, M, …] that begins at `begin`, zero where it reaches beyond y."""
    found = [on_image(b, 1, length, n) for b, length, n in zip(begin, lengths, y.shape[2:])]
    part = np.zeros((*y.shape[:2], *lengths), y.dtype)
    outer = (slice(None), slice(None))
    part[(*outer, *(there for there, _ in found))] = y[(*outer, *(here for _, here in found))]
    return part


def output_padding(request: Request) -> tuple[int, ...]:
    """The attribute, zeros where it is absent."""
    return tuple(request.attributes.get("output_padding", (0,) * (len(left_of(request).shape) - 2)))


def ends(request: Request) -> tuple[list[int], list[int]]:
    """The attribute pads as beginnings and ends, zeros where it is absent."""
    n = len(left_of(request).shape) - 2
    pads = list(request.attributes.get("pads", [0] * (2 * n)))
    return pads[:n], pads[n:]
