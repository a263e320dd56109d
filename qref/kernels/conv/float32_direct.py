"""Direct convolution of float32 by register tiles: any geometry, from any layout to any, with a fused end.

Small layers run by a program made for all geometries; one with many multiply-adds gets a program of its own, with its
distances and its taps at the border compiled in.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels import instructions, program
from qref.kernels.conv.kernel import in_parts, in_space, in_three_dimensions
from qref.kernels.instructions import InstructionSet, named
from qref.kernels.layout import BLOCK, NCHW, Layout, whole_blocks
from qref.kernels.packed import Packed
from qref.kernels.tile import program as tile_program
from qref.kernels.tile import tables
from qref.kernels.tile.float32 import Limits
from qref.kernels.tile.program import Sizes
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps

OWN_PROGRAM = 1 << 24
"""Multiply-adds from which on a layer gets a program of its own."""
FEW_CHANNELS = 4
IMPORTS = (
    "from qref.kernels.instructions.table import named",
    "from qref.kernels.tile.float32 import tile",
    "from qref.kernels.tile.register_tile import RegisterTile",
    "from qref.kernels.tile.steps import Steps",
)


def pack(w: NDArray[np.float32], geometry: Geometry) -> Packed:
    """w [M, C/G, k1, …] as `w` [G, K/k_b, C/c_b, k1·k2, k3, c_b, k_b], flat: the order in which tiles meet them.

    k_b output channels of a tile lie side by side, zeros for those that K lacks; the last block of c_b channels is the
    shorter one.
    """
    here, inner, G = instructions.chosen(), in_three_dimensions(geometry), geometry.group
    M, C = w.shape[0] // G, w.shape[1]
    k_b = here.vectors * here.lanes
    K = -(-M // k_b)
    filled = np.zeros((G, K * k_b, C, *inner.kernel), np.float32)
    filled[:, :M] = w.reshape(G, M, C, *inner.kernel)
    k1, k2, k3 = inner.kernel
    blocks = filled.reshape(G, K, k_b, C, k1 * k2, k3).transpose(0, 1, 4, 5, 3, 2)  # G, K, rows, taps, C, k_b
    parts = [
        blocks[..., c : c + BLOCK, :].reshape(G * K, math.prod(inner.kernel) * min(BLOCK, C - c) * k_b)
        for c in range(0, C, BLOCK)
    ]
    data = np.concatenate(parts, axis=1) if parts else filled
    return Packed("direct", here.name, w.shape, {"w": data.reshape(-1)})


@dataclass(frozen=True, eq=False)
class Plan:
    """A program, and what it takes after the addresses of the operands; for one shape of the input.

    rows, numbers: what the first two of `arguments` are the addresses of.
    """

    kernel: Callable[..., Any]
    arguments: tuple[Any, ...]
    rows: NDArray[np.int64]
    numbers: NDArray[np.int64]
    sizes: Sizes


@lru_cache(maxsize=1024)
def plan(
    x: tuple[int, ...],
    w: tuple[int, ...],
    geometry: Geometry,
    here: InstructionSet,
    layouts: tuple[Layout, Layout],
    limits: Limits,
    residual: bool,
    block: int = BLOCK,
    general: bool = False,
) -> Plan:
    """For images of lengths x = [N, C, D1, D2, D3], whatever their layout, and weights w [M, C/G, k1, …].

    block: channels after which sums are split, an even number; weights of one tap are packed alike for all.
    general: by the program for all geometries, however many multiply-adds there are.
    """
    into, out = layouts
    (N, channels, *image), G = x, geometry.group
    M, C = w[0] // G, w[1]
    space = geometry.output(tuple(image))
    x_steps, y_steps = into.steps(channels, tuple(image)), out.steps(w[0], space)
    k_b = here.vectors * here.lanes
    K = -(-M // k_b)
    steps = Steps(
        word=4 * x_steps.channel,
        block=4 * (x_steps.block if into.blocked else x_steps.channel * block),
        tap=4 * x_steps.space[2] * geometry.dilations[2],
        pixel=4 * x_steps.space[2] * geometry.strides[2],
        taps=geometry.kernel[2],
        rows=math.prod(geometry.kernel[:2]),
        words=C,
        block_words=block,
        y_pixel=4 * y_steps.space[2],
        y_channel=4 * y_steps.channel,
    )
    sizes = Sizes(
        lines=math.prod(space[:2]),
        blocks=K,
        groups=G,
        kernels=M,
        block=k_b,
        x_group=4 * (x_steps.block * (C // BLOCK) if into.blocked else x_steps.channel * C),
        x_image=4 * x_steps.image,
        w_block=4 * k_b * C * math.prod(geometry.kernel),
        y_part=BLOCK if out.blocked else 1,
        y_channel=4 * y_steps.channel,
        y_parts=4 * (y_steps.block if out.blocked else y_steps.channel),
        y_line=4 * y_steps.space[1],
        y_image=4 * y_steps.image,
    )
    lines = tables.lines(geometry, tuple(image), tuple(4 * step for step in x_steps.space))
    if C == 0:
        lines.table[:, 1] = 0
    spans = tables.spans(geometry, image[2])
    # the blocked layout has room for channels that are not there
    like = RegisterTile(1, here.vectors, partial=not out.blocked, planes=not out.last)
    if general or math.prod(space) * math.prod(w[1:]) * M * N < OWN_PROGRAM:
        tiles, runs = tables.told(spans, here.pixels, like)
        known = None
    else:
        whole = C <= FEW_CHANNELS
        like = replace(
            like,
            unroll=C if whole else 2 - C % 2,
            whole=whole,
            blocks=block < C,
            partial=like.partial and M % k_b > 0,
        )
        tiles, runs = tables.compiled_in(spans, geometry.kernel[2], here.pixels, like)
        known = steps
    text = tile_program.text(IMPORTS, [f'tile({one}, named("{here.name}"), {known}, {residual})' for one in tiles])
    begin = -geometry.pads_begin[2] * 4 * x_steps.space[2]
    numbers = limits.array(steps)
    arguments = (
        *(address(lines.rows), address(numbers), lines.table),
        *(tables.table(runs, tiles, begin, steps.pixel, steps.y_pixel), sizes.array()),
    )
    return Plan(program.compiled(text), arguments, lines.rows, numbers, sizes)


def direct(
    x: NDArray[np.float32],
    packed: Packed,
    geometry: Geometry,
    threads: int = 1,
    *,
    bias: NDArray[np.float32] | None = None,
    residual: NDArray[np.float32] | None = None,
    limits: Limits | None = None,
    layouts: tuple[Layout, Layout] = (NCHW, NCHW),
) -> NDArray[np.float32]:
    """min(max(x ∗ w + bias + residual, low), high).

    Args:
        x: images in the first of the layouts. packed: by `pack`. bias: [M]. residual: an array like the result, which
            is in the second layout.

    Raises:
        Unsupported: more than three dimensions of space; groups that cut a block of channels of the blocked layout.
    """
    here, G = named(packed.set), geometry.group
    M, C = packed.shape[0], packed.shape[1] * G
    into, out = layouts
    whole_blocks(layouts, G, packed.shape[1], M // G)
    image = space_of(x, into)
    space = tuple(max(n, 0) for n in geometry.output(image))
    y = np.empty(out.shape(len(x), M, space), np.float32)
    if not y.size:
        return y
    volume = (len(x), C, *in_space(image))
    inner, added = in_three_dimensions(geometry), residual is not None
    found = plan(volume, packed.shape, inner, here, layouts, limits or Limits(), added)
    x = np.ascontiguousarray(x)
    residual = None if residual is None else np.ascontiguousarray(residual)
    fill(y, x, packed, found, len(x), threads, bias=bias, residual=residual)
    return y


def fill(
    y: NDArray[np.float32],
    x: NDArray[np.float32],
    packed: Packed,
    found: Plan,
    images: int,
    threads: int,
    *,
    bias: NDArray[np.float32] | None = None,
    residual: NDArray[np.float32] | None = None,
) -> None:
    """The convolution of so many images by a plan, into y. Arrays lie as the plan's layouts say, y is not empty."""
    sizes = found.sizes
    biases = in_blocks(bias, sizes.groups, packed.shape[0], sizes.blocks * sizes.block)
    residual = y if residual is None else residual
    items = images * sizes.groups * sizes.blocks * sizes.lines
    addresses = (address(array) for array in (x, packed.arrays["w"], biases, biases, residual, y))
    in_parts(items, threads, found.kernel, *addresses, *found.arguments)


def in_blocks(bias: NDArray[np.float32] | None, G: int, M: int, channels: int) -> NDArray[np.float32]:
    """The bias [M] as [G, channels], all those of a group's tiles, zeros where there is no output channel."""
    found = np.zeros((G, channels), np.float32)
    if bias is not None:
        found[:, : M // G] = bias.reshape(G, M // G)
    return found


def space_of(x: NDArray[Any], layout: Layout) -> tuple[int, ...]:
    """The lengths in space of images in a layout."""
    return x.shape[2:-1] if layout.blocked else x.shape[1:-1] if layout.last else x.shape[2:]


def address(x: NDArray[Any]) -> int:
    """Where an array begins."""
    return int(x.__array_interface__["data"][0])
