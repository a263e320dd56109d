"""Depthwise convolution of float32: one channel a group, lanes along pixels, with a fused end. NCHW."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.errors import Unsupported
from qref.kernels import instructions
from qref.kernels.conv import kernel
from qref.kernels.conv.kernel import Kernel, in_space, in_three_dimensions, scratch, scratch_bytes
from qref.kernels.conv.operands import GROUP, beside, matched, set_of, weights
from qref.kernels.conv.planes import layout
from qref.kernels.conv.windows import plan, windows
from qref.kernels.packed import Packed
from qref.kernels.tile.float32 import Limits
from qref.kernels.tile.windows import Kind


def applies(shapes: Shapes) -> str:
    """Why not: it is for groups of one channel."""
    C = shapes.w[1]
    return "" if C == 1 else f"{C} channels a group: depthwise convolution has one"


def pack(w: NDArray[Any], geometry: Geometry) -> Packed:
    """w [M, 1, k1, …] as `w` [M, k1·…].

    Raises:
        Unsupported: weights that are not float32, more than one channel a group, more than three dimensions of space.
    """
    in_three_dimensions(geometry)
    if why := applies(Shapes((1, w.shape[1] * geometry.group, *w.shape[2:]), w.shape, geometry)):
        raise Unsupported(why)
    data = np.array(kernel.float32(w), order="C").reshape(len(w), math.prod(w.shape[2:]))
    return Packed("depthwise", instructions.chosen().name, w.shape, {"w": data}, {GROUP: geometry.group})


def workspace(shapes: Shapes, threads: int) -> int:
    """Bytes of the planes of a channel, for each thread."""
    inner = in_three_dimensions(shapes.geometry)
    lengths, phases = layout(in_space(shapes.x[2:]), inner)
    room = len(phases) * math.prod(lengths) + instructions.chosen().lanes
    return scratch_bytes({"planes": (threads, room)}, np.float32)


def run(
    x: NDArray[Any],
    packed: Packed,
    geometry: Geometry,
    threads: int = 1,
    *,
    bias: NDArray[np.float32] | None = None,
    residual: NDArray[np.float32] | None = None,
    limits: Limits | None = None,
    workspace: NDArray[np.uint8] | None = None,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """min(max(x ∗ w + bias + residual, low), high) of images in NCHW.

    bias: [M]. residual: an array like the result. out: where the result goes.

    Raises:
        BadTensor, UsageError: operands that do not fit each other; see `qref.kernels.conv.operands`.
        Unsupported: another type; weights packed for another processor; more than three dimensions of space.
    """
    matched(x.shape, packed.shape, geometry, threads)
    here = set_of(packed, geometry.group, "depthwise")
    images, inner = kernel.images(kernel.float32(x)), in_three_dimensions(geometry)
    M, image = packed.shape[0], images.shape[2:]
    y = kernel.result(out, (len(x), M, *kernel.output_space(geometry, x.shape[2:])), np.float32, x, residual)
    bias, residual = beside(bias, "bias", (M,), np.float32), beside(residual, "residual", y.shape, np.float32)
    if y.size:
        kind = Kind.SUM if residual is None else Kind.SUM_AND_RESIDUAL
        found = plan(kind, image, inner, here)
        space = scratch(workspace, {"planes": (threads, found.room)}, np.float32)["planes"]
        w = weights(packed, "w", 4 * math.prod(packed.shape), "float32")
        bias = np.zeros(M, np.float32) if bias is None else bias
        windows(found, images, y, space, w=w, bias=bias, limits=limits, beside=residual)
    return y


DEPTHWISE = Kernel("depthwise", pack, run, workspace, places=True)
