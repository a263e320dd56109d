"""Winograd's F(2×2, 3×3), F(4×4, 3×3) and F(2×2, 5×5) of float32 by register tiles, with a fused end.

Between the transforms stand products of matrices, by the register tile of direct convolution. The letters are those of
`qref.conv.winograd`. One program serves all geometries: what its innermost loops step over is the same in each.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.conv.winograd import F1, F2, F2_5, F4, Transforms, applies_of, transform
from qref.errors import Unsupported
from qref.kernels import instructions, program
from qref.kernels.conv import winograd_program
from qref.kernels.conv.float32_direct import in_blocks, space_of
from qref.kernels.conv.kernel import (
    LINE,
    Kernel,
    address,
    float32,
    in_parts,
    output_space,
    result,
    scratch,
    scratch_bytes,
)
from qref.kernels.conv.operands import GROUP, beside, matched, set_of, weights
from qref.kernels.conv.winograd_program import Sizes
from qref.kernels.instructions import InstructionSet, named
from qref.kernels.layout import NCHW, Layout, whole_blocks
from qref.kernels.packed import Packed
from qref.kernels.tile.float32 import Limits
from qref.kernels.tile.tables import evenly
from qref.kernels.tile.winograd import CHAIN, PART, UNROLL, ends

TRANSFORMS = {"winograd-2x2": F2, "winograd-4x4": F4, "winograd-2x2-5x5": F2_5}
TILES = 56
"""Tiles of a block, about: each transformed weight that is loaded meets all of them, and V stays in the cache."""
M_BYTES = 1 << 19
"""Of M: products of so many output channels as this holds wait for their transform."""


def pack(name: str, w: NDArray[Any], geometry: Geometry) -> Packed:
    """w [K, C/G, r, …] as `U` [G, places, K/k_b, C, k_b], flat: transformed in float64, rounded once.

    k_b output channels of a register tile lie side by side, zeros for those that K lacks; C is filled up by zeros to
    whole rounds of the register tile's loop.

    Raises:
        Unsupported: the transforms are not for such kernels; three dimensions of space; a type other than float32.
    """
    F, here, G, n = TRANSFORMS[name], instructions.chosen(), geometry.group, w.ndim - 2
    K, C = w.shape[0] // G, w.shape[1]
    if why := applies_of(F, Shapes((1, C * G, *geometry.kernel), w.shape, geometry)):
        raise Unsupported(why)
    if n > 2:
        raise Unsupported(f"a convolution in {n} dimensions: this fast path is for up to 2")
    k_b, words, places = here.vectors * here.lanes, filled(C), F.alpha**n
    vectors = -(-K // k_b)
    U = np.zeros((G, vectors * k_b, words, places), np.float32)
    U[:, :K, :C] = transform(np.array(F.G, np.float64), float32(w).astype(np.float64), n).reshape(G, K, C, places)
    in_tiles = U.reshape(G, vectors, k_b, words, places).transpose(0, 4, 1, 3, 2)
    return Packed(name, here.name, w.shape, {"U": in_tiles.reshape(-1)}, {GROUP: G})


def filled(C: int) -> int:
    """Channels of V: register tiles take so many at a time, and write M even where there are none."""
    return max(-(-C // UNROLL), 1) * UNROLL


@dataclass(frozen=True, eq=False)
class Plan:
    """A program and its sizes, as an array that it takes and by name; the shape of its result."""

    kernel: Callable[..., Any]
    array: NDArray[np.int64]
    sizes: Sizes
    output: tuple[int, ...]


@lru_cache(maxsize=1024)
def plan(
    kernel: str,
    set: str,
    x: tuple[int, ...],
    w: tuple[int, ...],
    geometry: Geometry,
    layouts: tuple[Layout, Layout],
    threads: int,
) -> Plan:
    """For images of lengths x = [N, C, D1, …], whatever their layout, and weights w [K, C/G, r, …].

    Raises:
        Unsupported: the transforms are not for this geometry.
    """
    if why := applies_of(TRANSFORMS[kernel], Shapes(x, w, geometry)):
        raise Unsupported(why)
    here, space = named(set), output_space(geometry, x[2:])
    found = sizes(kernel, x, w, geometry, layouts, here, threads)
    text = winograd_program.text(along(kernel, geometry), here)
    return Plan(program.compiled(text), found.array(), found, layouts[1].shape(x[0], w[0], space))


def along(kernel: str, geometry: Geometry) -> tuple[Transforms, Transforms]:
    """The transforms along columns and along rows. With one dimension, images have a single row."""
    F = TRANSFORMS[kernel]
    return (F if len(geometry.kernel) > 1 else F1), F


def sizes(
    kernel: str,
    x: tuple[int, ...],
    w: tuple[int, ...],
    geometry: Geometry,
    layouts: tuple[Layout, Layout],
    here: InstructionSet,
    threads: int,
) -> Sizes:
    """All lengths and distances of a plan."""
    (into, out), F, one = layouts, along(kernel, geometry), (1,) * (4 - len(x))
    image, pads = (*one, *x[2:]), (*(0 for _ in one), *geometry.pads_begin)
    outputs = (*one, *output_space(geometry, x[2:]))
    G, (K, C) = geometry.group, w[:2]
    x_steps, y_steps = into.steps(x[1], image), out.steps(K, outputs)
    k_b, words, places = here.vectors * here.lanes, filled(C), F[0].alpha * F[1].alpha
    down, right = (-(-o // f.m) for o, f in zip(outputs, F))
    vectors = -(-(K // G) // k_b)
    most = max(evenly(down, max(min(TILES // max(right, 1), -(-down // threads)), 1)), default=1)
    tiles = most * right
    at_once = max(evenly(vectors, max(M_BYTES // max(4 * places * tiles * k_b, 1), 1)), default=1)
    chain, vector = 4 * tiles * CHAIN, 4 * tiles * k_b
    # a cache line more between places: else they would fall on the same sets of the cache
    V_place, M_place = -(-words // CHAIN) * chain + LINE, at_once * vector + LINE
    d_row, out_row = 4 * PART * (right * F[1].m + F[1].alpha - F[1].m), 4 * k_b * right * F[1].m
    V = LINE
    M = V + places * V_place
    d = M + places * M_place
    rows = d + (most * F[0].m + F[0].alpha - F[0].m) * d_row
    return Sizes(
        images=x[0], groups=G, channels=C, kernels=K // G,
        height=image[0], width=image[1], top=pads[0], left=pads[1], rows=outputs[0], columns=outputs[1],
        tiles_down=down, tiles_right=right, most=most, words=words, vectors=vectors, at_once=at_once,
        x_image=4 * x_steps.image, x_block=4 * x_steps.block, x_channel=4 * x_steps.channel,
        x_row=4 * x_steps.space[0], x_pixel=4 * x_steps.space[1],
        y_image=4 * y_steps.image, y_block=4 * y_steps.block, y_channel=4 * y_steps.channel,
        y_row=4 * y_steps.space[0], y_pixel=4 * y_steps.space[1],
        d_row=d_row, out_row=out_row, V_block=chain, V_place=V_place, M_vector=vector, M_place=M_place,
        V=V, M=M, d=d, out=rows, part=-(-(rows + F[0].m * out_row) // LINE) * LINE,
    )  # fmt: skip


def winograd(
    x: NDArray[np.float32],
    packed: Packed,
    geometry: Geometry,
    threads: int = 1,
    *,
    bias: NDArray[np.float32] | None = None,
    residual: NDArray[np.float32] | None = None,
    limits: Limits | None = None,
    layouts: tuple[Layout, Layout] = (NCHW, NCHW),
    workspace: NDArray[np.uint8] | None = None,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """min(max(x ∗ w + bias + residual, low), high).

    Args:
        x: images in the first of the layouts. packed: by `pack`. bias: [K]. residual: an array like the result, which
            is in the second layout. workspace: see `workspace`. out: where the result goes.

    Raises:
        BadTensor, UsageError: operands that do not fit each other; see `qref.kernels.conv.operands`.
        Unsupported: another type; weights packed for another processor; strides or dilations; groups that cut a block
            of channels of the blocked layout.
    """
    matched(float32(x).shape, packed.shape, geometry, threads, layouts[0])
    here = set_of(packed, geometry.group, *TRANSFORMS)
    G, (K, C) = geometry.group, packed.shape[:2]
    whole_blocks(layouts, G, C, K // G)
    shape = (len(x), C * G, *space_of(x, layouts[0]))
    found = plan(packed.kernel, packed.set, shape, packed.shape, geometry, layouts, threads)
    y = result(out, found.output, np.float32, x, residual)
    residual = beside(residual, "residual", y.shape, np.float32)
    if not y.size:
        return y
    across = found.sizes.vectors * here.vectors * here.lanes
    x, biases = np.ascontiguousarray(x), in_blocks(bias, "bias", G, K, across)
    places = math.prod(one.alpha for one in along(packed.kernel, geometry))
    U = weights(packed, "U", 4 * G * places * across * found.sizes.words, "float32")
    bare = residual is None and limits is None
    bounds = ends(limits or Limits())
    parts = scratch(workspace, {"parts": (threads * found.sizes.part,)}, np.uint8)["parts"]
    in_parts(
        threads, threads, found.kernel, threads, address(x), address(U), address(biases),
        0 if residual is None else address(residual) - address(y), address(y), 0 if bare else address(bounds),
        address(parts), found.array,
    )  # fmt: skip
    return y


def workspace(kernel: str, shapes: Shapes, threads: int) -> int:
    """Bytes of V, M and the pixels under a block of tiles, for each thread its own."""
    layouts, here = (NCHW, NCHW), instructions.chosen()  # what a thread needs is the same for all layouts
    found = sizes(kernel, shapes.x, shapes.w, shapes.geometry, layouts, here, threads)
    return scratch_bytes({"parts": (threads * found.part,)}, np.uint8)


WINOGRAD_2X2, WINOGRAD_4X4, WINOGRAD_2X2_5X5 = (
    Kernel(name, partial(pack, name), winograd, partial(workspace, name), places=True) for name in TRANSFORMS
)
