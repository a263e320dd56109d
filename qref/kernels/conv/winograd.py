"""Winograd's F(2×2, 3×3), F(4×4, 3×3) and F(2×2, 5×5) of float32 by register tiles, with a fused end.

Between the transforms stand products of matrices, by the tile of direct convolution. The letters are those of
`qref.conv.winograd`. One program serves all geometries: what its inner loops step over is the same in each.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.conv.winograd import F1, F2, F2_5, F4, Transforms, applies, transform
from qref.errors import Unsupported
from qref.kernels import instructions, program
from qref.kernels.conv import winograd_program
from qref.kernels.conv.float32_direct import address, space_of
from qref.kernels.conv.kernel import Kernel, in_parts, in_three_dimensions, scratch, scratch_bytes
from qref.kernels.conv.winograd_program import Sizes
from qref.kernels.instructions import InstructionSet, named
from qref.kernels.layout import BLOCK, NCHW, Layout
from qref.kernels.packed import Packed
from qref.kernels.tile.float32 import Limits
from qref.kernels.tile.winograd import PART

BUDGET_V = 230 * 1024
BUDGET_M = 230 * 1024
LINE = 64
NAMES = {"winograd-2x2": "F2", "winograd-4x4": "F4", "winograd-2x2-5x5": "F2_5"}
TRANSFORMS = {"winograd-2x2": F2, "winograd-4x4": F4, "winograd-2x2-5x5": F2_5}


def pack(name: str, w: NDArray[Any], geometry: Geometry) -> Packed:
    """w [M, C/G, r, r] as `U` [G, places, K/k_b, C, k_b], flat: transformed in float64 and rounded once."""
    F, here, G = TRANSFORMS[name], instructions.chosen(), geometry.group
    n, (M, C) = w.ndim - 2, w.shape[:2]
    if why := refused(F, Shapes((1, C * G, *geometry.kernel), w.shape, geometry)):
        raise Unsupported(why)
    if w.dtype != np.float32:
        raise Unsupported(f"operands of type {w.dtype}: this fast path is for float32")
    k_b, K = here.vectors * here.lanes, M // G
    vectors = -(-K // k_b)
    U = transform(np.array(F.G, np.float64), w.astype(np.float64), n).reshape(G, K, C, F.alpha**n)
    filled = np.zeros((G, vectors * k_b, C + C % 2, F.alpha**n), np.float32)
    filled[:, :K, :C] = U
    data = filled.reshape(G, vectors, k_b, C + C % 2, F.alpha**n).transpose(0, 4, 1, 3, 2)
    return Packed(name, here.name, w.shape, {"U": np.ascontiguousarray(data).reshape(-1)})


def refused(F: Transforms, shapes: Shapes) -> str:
    return "" if len(shapes.image) <= 2 else "3-D"


@dataclass(frozen=True, eq=False)
class Plan:
    kernel: Callable[..., Any]
    sizes: Sizes
    output: tuple[int, ...]


@lru_cache(maxsize=1024)
def plan(
    name: str,
    x: tuple[int, ...],
    w: tuple[int, ...],
    geometry: Geometry,
    here: InstructionSet,
    layouts: tuple[Layout, Layout],
    with_residual: bool,
    threads: int,
) -> Plan:
    """For images of lengths x = [N, C, 1, D2, D3], whatever their layout, and weights w [M, C/G, k1, …]."""
    into, out = layouts
    n = len(w) - 2
    F = (F1, F2, F4)[0], TRANSFORMS[name]
    if n == 2:
        F = TRANSFORMS[name], TRANSFORMS[name]
    (N, channels, *image), G = x, geometry.group
    K, C = w[0] // G, w[1]
    space = geometry.output(tuple(image))
    x_steps, y_steps = into.steps(channels, tuple(image)), out.steps(w[0], space)
    k_b = here.vectors * here.lanes
    vectors, words = -(-K // k_b), C + C % 2
    down, right = (max(-(-o // f.m), 0) for o, f in zip(space[1:], F))
    places = F[0].alpha * F[1].alpha
    blocks = -(-words // BLOCK)
    of_row = max(right * places * blocks * BLOCK * 4, 1)
    most = max(1, min(-(-down // threads), BUDGET_V // of_row))
    most = -(-down // -(-down // most)) if down else 1
    tiles = most * right
    at_once = max(1, min(vectors, BUDGET_M // max(places * tiles * k_b * 4, 1)))
    at_once = max(1, -(-vectors // -(-vectors // at_once))) if vectors else 1
    V_block = tiles * BLOCK * 4
    V_place = blocks * V_block + LINE
    M_vector = tiles * k_b * 4
    M_place = at_once * M_vector + LINE
    d_row = (right * F[1].m + F[1].alpha - F[1].m) * PART * 4
    out_row = right * F[1].m * k_b * 4
    V = LINE
    M = V + places * V_place
    d = M + places * M_place
    o = d + (most * F[0].m + F[0].alpha - F[0].m) * d_row
    part = -(-(o + F[0].m * out_row) // LINE) * LINE
    sizes = Sizes(
        images=N,
        groups=G,
        channels=C,
        kernels=K,
        height=image[1],
        width=image[2],
        top=geometry.pads_begin[1],
        left=geometry.pads_begin[2],
        rows=space[1],
        columns=space[2],
        tiles_down=down,
        tiles_right=right,
        most=most,
        words=words,
        vectors=vectors,
        at_once=at_once,
        x_image=4 * x_steps.image,
        x_block=4 * x_steps.block,
        x_channel=4 * x_steps.channel,
        x_row=4 * x_steps.space[1],
        x_pixel=4 * x_steps.space[2],
        y_image=4 * y_steps.image,
        y_block=4 * y_steps.block,
        y_channel=4 * y_steps.channel,
        y_row=4 * y_steps.space[1],
        y_pixel=4 * y_steps.space[2],
        d_row=d_row,
        out_row=out_row,
        V_block=V_block,
        V_place=V_place,
        M_vector=M_vector,
        M_place=M_place,
        V=V,
        M=M,
        d=d,
        out=o,
        part=part,
    )
    text = winograd_program.text(f"({'F1' if n == 1 else NAMES[name]}, {NAMES[name]})", here, with_residual)
    return Plan(program.compiled(text), sizes, out.shape(N, w[0], space[3 - n :]))


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
) -> NDArray[np.float32]:
    here, inner, G = named(packed.set), in_three_dimensions(geometry), geometry.group
    M, C = packed.shape[:2]
    limits = limits or Limits()
    bounds = np.array([limits.low, limits.high], np.float32)
    image = space_of(x, layouts[0])
    found = plan(
        packed.kernel,
        (len(x), C * G, *[1] * (3 - len(image)), *image),
        packed.shape,
        inner,
        here,
        layouts,
        residual is not None,
        threads,
    )
    y = np.empty(found.output, np.float32)
    k_b = here.vectors * here.lanes
    biases = np.zeros((G, found.sizes.vectors * k_b), np.float32)
    if bias is not None:
        biases[:, : M // G] = bias.reshape(G, M // G)
    x = np.ascontiguousarray(x)
    space = scratch(workspace, {"parts": (threads * found.sizes.part,)}, np.uint8)["parts"]
    in_parts(
        threads, threads, found.kernel, threads, address(x), address(packed.arrays["U"]), address(biases),
        0 if residual is None else address(residual) - address(y), address(y), address(bounds), address(space), found.sizes.array(),
    )  # fmt: skip
    return y


WINOGRAD_2X2 = Kernel("winograd-2x2", partial(pack, "winograd-2x2"), winograd)
WINOGRAD_4X4 = Kernel("winograd-4x4", partial(pack, "winograd-4x4"), winograd)
