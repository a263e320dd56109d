"""Direct convolution of float32 by register tiles: any geometry, from any layout to any, with a fused end.

Small layers run by a program made for all geometries; one with many multiply-adds gets a program of its own, with its
distances and its taps at the border compiled in.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels import instructions, program
from qref.kernels.conv.blocking import blocking
from qref.kernels.conv.kernel import address, float32, in_parts, in_space, in_three_dimensions, output_space, result
from qref.kernels.conv.operands import GROUP, beside, matched, set_of, weights
from qref.kernels.instructions import InstructionSet
from qref.kernels.layout import BLOCK, NCHW, Layout, whole_blocks
from qref.kernels.packed import Packed
from qref.kernels.tile import program as tile_program
from qref.kernels.tile.float32 import Limits
from qref.kernels.tile.program import Sizes

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

    Raises:
        Unsupported: weights that are not float32, more than three dimensions of space.
    """
    here, inner, G = instructions.chosen(), in_three_dimensions(geometry), geometry.group
    M, C = w.shape[0] // G, w.shape[1]
    k_b = here.vectors * here.lanes
    K = -(-M // k_b)
    filled = np.zeros((G, K * k_b, C, *inner.kernel), np.float32)
    filled[:, :M] = float32(w).reshape(G, M, C, *inner.kernel)
    k1, k2, k3 = inner.kernel
    blocks = filled.reshape(G, K, k_b, C, k1 * k2, k3).transpose(0, 1, 4, 5, 3, 2)  # G, K, rows, taps, C, k_b
    parts = [
        blocks[..., c : c + BLOCK, :].reshape(G * K, math.prod(inner.kernel) * min(BLOCK, C - c) * k_b)
        for c in range(0, C, BLOCK)
    ]
    data = np.concatenate(parts, axis=1) if parts else filled
    return Packed("direct", here.name, w.shape, {"w": data.reshape(-1)}, {GROUP: G})


@dataclass(frozen=True, eq=False)
class Plan:
    """A program, and what it takes after the addresses of the operands; for one shape of the input.

    rows, numbers: what the first two of `arguments` are the addresses of. weights: bytes of what is packed.
    """

    kernel: Callable[..., Any]
    arguments: tuple[Any, ...]
    rows: NDArray[np.int64]
    numbers: NDArray[np.int64]
    sizes: Sizes
    weights: int


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
    found = blocking(x, w, geometry, here, layouts, here.pixels, block, general=general)
    tiles = [f'tile({one}, named("{here.name}"), {found.known}, {residual})' for one in found.tiles]
    numbers, lines = limits.array(found.steps), found.lines
    arguments = (address(lines.rows), address(numbers), lines.table, found.table(), found.sizes.array())
    run = program.compiled(tile_program.text(IMPORTS, tiles))
    size = 4 * found.sizes.channels * math.prod(w[1:])
    return Plan(run, arguments, lines.rows, numbers, found.sizes, size)


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
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """min(max(x ∗ w + bias + residual, low), high).

    Args:
        x: images in the first of the layouts. packed: by `pack`. bias: [M]. residual: an array like the result, which
            is in the second layout, or `out` itself. out: where the result goes.

    Raises:
        BadTensor, UsageError: operands that do not fit each other; see `qref.kernels.conv.operands`.
        Unsupported: another type; weights packed for another processor; more than three dimensions of space; groups
            that cut a block of channels of the blocked layout.
    """
    G, (into, to) = geometry.group, layouts
    matched(float32(x).shape, packed.shape, geometry, threads, into)
    here, M, C = set_of(packed, G, "direct"), packed.shape[0], packed.shape[1] * G
    whole_blocks(layouts, G, packed.shape[1], M // G)
    image = space_of(x, into)
    space = output_space(geometry, image)
    y = result(out, to.shape(len(x), M, space), np.float32, x, None if residual is out else residual)
    residual = beside(residual, "residual", y.shape, np.float32)
    if not y.size:
        return y
    volume = (len(x), C, *in_space(image))
    inner, added = in_three_dimensions(geometry), residual is not None
    found = plan(volume, packed.shape, inner, here, layouts, limits or Limits(), added)
    x = np.ascontiguousarray(x)
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
    biases = in_blocks(bias, "bias", sizes.groups, packed.shape[0], sizes.blocks * sizes.block)
    w = weights(packed, "w", found.weights, "float32")
    residual = y if residual is None else residual
    items = images * sizes.groups * sizes.blocks * sizes.lines
    addresses = (address(array) for array in (x, w, biases, biases, residual, y))
    in_parts(items, threads, found.kernel, *addresses, *found.arguments)


def in_blocks(
    values: NDArray[Any] | None, name: str, G: int, M: int, channels: int, dtype: Any = np.float32
) -> NDArray[Any]:
    """One number an output channel, [M], as [G, channels]: all those of a group's tiles, zeros where there is none.

    Raises:
        UsageError: other lengths or another type; it says the name.
    """
    found, given = np.zeros((G, channels), dtype), beside(values, name, (M,), dtype)
    if given is not None:
        found[:, : M // G] = given.reshape(G, M // G)
    return found


def space_of(x: NDArray[Any], layout: Layout) -> tuple[int, ...]:
    """The lengths in space of images in a layout."""
    return x.shape[2:-1] if layout.blocked else x.shape[1:-1] if layout.last else x.shape[2:]
