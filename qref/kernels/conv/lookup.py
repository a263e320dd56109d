"""Convolution by pre-computed tables: a row of windows adds up rows of tables, chosen by one code for all of them.

The image lies in planes where a tap is a constant step (`qref.kernels.conv.planes`), and so do the tables: a plane for
each codeword of each sub-space.
"""

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.errors import UsageError
from qref.kernels import instructions, program
from qref.kernels.conv.kernel import address, in_parts, in_three_dimensions, output_space, volume
from qref.kernels.conv.planes import Planes, planes
from qref.kernels.conv.rows import LOOP, add_rows
from qref.kernels.tile import table_rows
from qref.ops.check import computable

ROW = 512
"""Windows summed up at a time, about."""
MOST = 1 << 27
"""Entries of the tables that are kept at a time, where one sub-space's have no more."""


@dataclass(frozen=True, eq=False)
class LookupKernels:
    """Kernels [M, C/G, k1, …] as codes [M, taps, S], codebooks [V, C/G] and the length of a sub-vector."""

    codes: NDArray[np.uint8]
    codebooks: NDArray[np.float32]
    d: int

    @property
    def nbytes(self) -> int:
        """Bytes of codes and codebooks."""
        return self.codes.nbytes + self.codebooks.nbytes


def pack(codes: NDArray[np.uint8], codebooks: NDArray[np.float32], d: int, geometry: Geometry) -> LookupKernels:
    """Of codes [M·taps, S], a row a tap of an output channel."""
    taps = math.prod(geometry.kernel)
    rows = np.require(codes, np.uint8, ["C", "W"]).reshape(len(codes) // taps, taps, codes.shape[1])
    return LookupKernels(rows, np.require(codebooks, np.float32, ["C", "W"]), d)


@njit(void(int64, int64, float32[:, ::1], float32[:, ::1], int64, float32[:, :, ::1]), **LOOP)
def tables_of(first: int, last: int, x: Any, codebooks: Any, d: int, tables: Any) -> None:
    """tables[s, v] = Σ_c codebooks[v, c] · x[c], the c of sub-space s, first ≤ s < last. x: [C/G, positions]."""
    C, positions = x.shape
    flat = x.reshape(-1)
    for s in range(first, last):
        channels = np.arange(s * d, min(s * d + d, C))
        starts = channels * positions
        for v in range(tables.shape[1]):
            row = tables[s, v]
            row[:] = 0
            add_rows(row[:positions], codebooks[v, s * d : s * d + channels.size], flat, starts, 0)


def run(x: NDArray[np.float32], packed: LookupKernels, geometry: Geometry, threads: int = 1) -> NDArray[np.float32]:
    """y [N, M, o1, …] of x [N, C, D1, …]: sums only.

    Raises:
        UsageError: another number of channels than the codebooks take.
        Unsupported: an image with more table entries for one sub-space than are kept.
    """
    inner, (V, C), G, M = in_three_dimensions(geometry), packed.codebooks.shape, geometry.group, len(packed.codes)
    if x.shape[1] != C * G:
        raise UsageError(f"x has {x.shape[1]} channels: the codebooks take {C} · {G}")
    here, images = instructions.chosen(), volume(np.asarray(x, np.float32))
    y = np.zeros((len(x), M, *output_space(inner, images.shape[2:])), np.float32)
    if y.size and packed.codes.size:
        laid = planes(images, inner, np.float32)
        data, row = laid.data.reshape(len(x), G, C, laid.channel), laid.channel + here.lanes
        computable((V, row))
        S, per_group, d = -(-C // packed.d), M // G, min(packed.d, C)
        groups, subspaces = (max(MOST // (tables * V * row), 1) for tables in (S, 1))
        for g, s in itertools.product(range(0, G, groups), range(0, S, subspaces)):
            outputs, channels = slice(g * per_group, (g + groups) * per_group), slice(s * d, (s + subspaces) * d)
            codes = packed.codes[outputs, :, s : s + subspaces]
            some = LookupKernels(codes, np.ascontiguousarray(packed.codebooks[:, channels]), d)
            for image, sums in zip(data[:, g : g + groups, channels], y[:, outputs], strict=True):
                add_up(image, some, laid, sums, threads)
    return y.reshape(len(x), M, *output_space(geometry, x.shape[2:]))


def add_up(image: NDArray[np.float32], some: LookupKernels, laid: Planes, y: NDArray[np.float32], threads: int) -> None:
    """What some sub-spaces give is added to y [M, o1, o2, o3] of some groups. image: [G, C, positions]."""
    here, (_, h2, h3), (M, taps, S), V = instructions.chosen(), laid.lengths, some.codes.shape, len(some.codebooks)
    tables = np.empty((len(image), S, V, laid.channel + here.lanes), np.float32)
    for one, found in zip(image, tables, strict=True):
        in_parts(S, threads, tables_of, np.ascontiguousarray(one), some.codebooks, some.d, found)
    starts = (4 * laid.starts[:, None] + tables.strides[1] * np.arange(S)).reshape(-1)
    codes, total = np.ascontiguousarray(some.codes), np.empty_like(y)
    kernel = program.compiled(table_rows.text(here))
    of_image = (M // len(image), address(tables), tables.strides[0], address(codes), address(starts))
    in_parts(M, threads, kernel, *of_image, taps * S, tables.strides[2], h2, h3, max(ROW // h3, 1), total)
    y += total


def convolution(
    x: NDArray[np.float32], codes: NDArray[np.uint8], codebooks: NDArray[np.float32], d: int, geometry: Geometry
) -> NDArray[np.float32]:
    """What `qref.conv.lookup.lookup` gives, packed first."""
    return run(x, pack(codes, codebooks, d, geometry), geometry)
