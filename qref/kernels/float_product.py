"""The product of two matrices of float32: A [M, K] times B [K, N].

Many rows are the pixels of an image with K channels, B a convolution of single pixels: register tiles. For a few rows
it does not pay to pack B, and its way from memory is the limit: plain loops along its rows, or its columns where those
are contiguous.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import float32, int64, njit, types, void
from numpy.typing import NDArray

from qref.errors import UsageError
from qref.kernels import instructions, program
from qref.kernels.conv import float32_direct
from qref.kernels.conv import kernel as convolution
from qref.kernels.conv.copying import EIGHT, copy_floats, transpose_floats
from qref.kernels.conv.kernel import ONE, address, in_parts
from qref.kernels.conv.operands import GROUP, beside, set_of, weights
from qref.kernels.conv.rows import COLUMNS, DEPTH, LOOP, add_rows
from qref.kernels.instructions import InstructionSet, named
from qref.kernels.layout import BLOCK, Layout, Strides
from qref.kernels.packed import Packed
from qref.kernels.tile import row
from qref.kernels.tile.float32 import Limits

Matrix = NDArray[np.float32]

FEW = 6
"""Rows up to which B is not packed."""
SPLIT = 128
"""Products after which a tile's sums are split."""
DEEP, BLOCK_OF_B = 1024, 1 << 21
"""Rows, and bytes, of a block of B that is packed for one product and stays in the cache while all rows meet it."""
TOGETHER = 32
"""Blocks of columns that are packed at a time: so many times a line of the cache is read in a row of B."""
READ = types.Array(float32, 2, "C", readonly=True, aligned=False)


@dataclass(frozen=True)
class Strided(Layout):
    """A row of pixels whose elements lie anywhere: distances to the next channel and to the next pixel."""

    channel: int
    pixel: int

    def steps(self, channels: int, space: tuple[int, ...]) -> Strides:
        """Distances in elements."""
        return Strides(self.channel, BLOCK * self.channel, 0, (0, 0, self.pixel))


@njit(void(int64, int64, READ, int64, int64, int64, float32[:, :, ::1]), **LOOP)
def pack_rows(first: int, last: int, b: Any, k: int, n: int, columns: int, panels: Any) -> None:
    """panels[p, i, j] = b[k + i, n + p·width + j] for panels first ≤ p < last, as far as there are `columns`.

    Args:
        b: [K, N]. panels: [panels, depth, width].
    """
    _, depth, width = panels.shape
    to, source = panels.ctypes.data, b.ctypes.data
    for begin in range(first, last, TOGETHER):
        for i in range(depth):
            row = source + 4 * ((k + i) * b.shape[1] + n)
            for p in range(begin, min(begin + TOGETHER, last)):
                copy_floats(to + 4 * (p * depth + i) * width, row + 4 * p * width, min(width, columns - p * width))


@njit(void(int64, int64, READ, int64, int64, int64, float32[:, :, ::1]), **LOOP)
def pack_columns(first: int, last: int, b: Any, k: int, n: int, columns: int, panels: Any) -> None:
    """The same for b: [N, K]."""
    _, depth, width = panels.shape
    to, source, K = panels.ctypes.data, b.ctypes.data, b.shape[1]
    for p in range(first, last):
        here, column = min(width, columns - p * width), n + p * width
        for j in range(0, here, EIGHT):
            across = min(EIGHT, here - j)
            down = depth - depth % EIGHT if across == EIGHT else 0
            for i in range(0, down, EIGHT):
                transpose_floats(
                    to + 4 * ((p * depth + i) * width + j), width, source + 4 * ((column + j) * K + k + i), K
                )
            for i in range(down, depth):
                for c in range(j, j + across):
                    panels[p, i, c] = b[column + c, k + i]


@njit(void(int64, int64, READ, READ, int64[::1], float32[:, ::1]), **LOOP)
def by_rows(first: int, last: int, a: Any, b: Any, starts: Any, y: Any) -> None:
    """y = a·b for blocks of COLUMNS columns, first ≤ block < last. a: [M, K]. b: [K, N]. starts: N·k."""
    flat, N = b.reshape(-1), b.shape[1]
    total = np.empty(COLUMNS, np.float32)
    for begin in range(first * COLUMNS, min(last * COLUMNS, N), COLUMNS):
        part = total[: min(COLUMNS, N - begin)]
        for k in range(0, starts.size, DEPTH):
            until = min(k + DEPTH, starts.size)
            for m in range(a.shape[0]):
                for j in range(part.size):
                    part[j] = 0
                add_rows(part, a[m, k:until], flat, starts[k:until], begin)
                row = y[m, begin:]
                if k == 0:
                    for j in range(part.size):
                        row[j] = part[j]
                else:
                    for j in range(part.size):
                        row[j] += part[j]


@njit(void(int64, int64, READ, READ, float32[:, ::1]), cache=True, nogil=True, fastmath={"contract", "reassoc"})
def by_columns(first: int, last: int, a: Any, b: Any, y: Any) -> None:
    """y[m, n] = Σ_k a[m, k] · b[n, k] for first ≤ n < last; the compiler may split the sums over its lanes."""
    for n in range(first, last - 3, 4):
        b0, b1, b2, b3 = b[n], b[n + 1], b[n + 2], b[n + 3]
        for m in range(a.shape[0]):
            row, t0, t1, t2, t3 = a[m], np.float32(0), np.float32(0), np.float32(0), np.float32(0)
            for k in range(row.size):
                t0 += row[k] * b0[k]
                t1 += row[k] * b1[k]
                t2 += row[k] * b2[k]
                t3 += row[k] * b3[k]
            y[m, n], y[m, n + 1], y[m, n + 2], y[m, n + 3] = t0, t1, t2, t3
    for n in range(last - (last - first) % 4, last):
        column = b[n]
        for m in range(a.shape[0]):
            row, total = a[m], np.float32(0)
            for k in range(row.size):
                total += row[k] * column[k]
            y[m, n] = total


def width(here: InstructionSet) -> int:
    """Columns of a panel: those of a tile."""
    return here.vectors * here.lanes


def packed_into(panels: NDArray[np.float32], b: Matrix, k: int, n: int, columns: int, threads: int) -> None:
    """Columns n … n + columns of rows k … of b, in any order of memory, into panels [panels, depth, width]."""
    if columns % panels.shape[2]:
        panels[-1, :, columns % panels.shape[2] :] = 0
    loop, b = (pack_columns, b.T) if b.T.flags.c_contiguous else (pack_rows, np.ascontiguousarray(b))
    in_parts(len(panels), threads, loop, b, k, n, columns, panels)


def pack(b: Matrix, threads: int = 1) -> Packed:
    """B [K, N], in any order of memory, as `w` [N/k_b, K, k_b], flat: as `float32_direct.pack` has it for one pixel.

    Raises:
        Unsupported: B is not of float32.
    """
    here, (K, N) = instructions.chosen(), convolution.float32(b).shape
    panels = np.empty((-(-N // width(here)), K, width(here)), np.float32)
    packed_into(panels, b, 0, 0, N, threads)
    return Packed("matrix-product", here.name, (N, K, 1, 1, 1), {"w": panels.reshape(-1)}, {GROUP: 1})


def strided(a: Matrix) -> Strided:
    """Where the elements of a matrix lie whose rows are pixels."""
    pixel, channel = (step // a.itemsize for step in a.strides)
    return Strided("strided", True, False, channel, pixel)


def multiply(
    a: Matrix, packed: Packed, threads: int = 1, *, bias: Matrix | None = None, limits: Limits | None = None
) -> Matrix:
    """min(max(A·B + bias, low), high) [M, N]: a fully connected layer, B packed.

    Args:
        a: [M, K], whatever its strides. packed: by `pack`. bias: [N].

    Raises:
        BadTensor, UsageError: operands that do not fit each other; see `qref.kernels.conv.operands`.
        Unsupported: A is not of float32, or B was packed for another processor.
    """
    here, (N, K) = set_of(packed, 1, "matrix-product"), packed.shape[:2]
    if convolution.float32(a).ndim != 2 or a.shape[1] != K:
        raise UsageError(f"a matrix {list(a.shape)}: give one of {K} columns, as B has so many rows")
    bias = beside(bias, "bias", (N,), np.float32)
    limits, y = limits or Limits(), np.empty((len(a), N), np.float32)
    if len(a) == 1:
        y[0] = np.minimum(
            np.maximum(one_row(a[0], packed, here, threads, bias), np.float32(limits.low)), np.float32(limits.high)
        )
    elif y.size:
        by_tiles(y, a, packed, threads, limits, bias)
    return y


def one_row(a: Matrix, packed: Packed, here: InstructionSet, threads: int, bias: Matrix | None) -> Matrix:
    """a·B + bias [N], B packed."""
    N, K = packed.shape[:2]
    panels = -(-N // width(here))
    y = np.zeros(panels * width(here), np.float32)
    if bias is not None:
        y[:N] = bias
    kernel, a = program.compiled(row.text(here)), np.ascontiguousarray(a)
    w = weights(packed, "w", 4 * K * len(y), "float32")
    in_parts(panels, threads, kernel, address(a), address(w), address(y), K, SPLIT, width(here))
    return y[:N]


def by_tiles(
    y: Matrix, a: Matrix, packed: Packed, threads: int, limits: Limits, bias: Matrix | None, added: bool = False
) -> None:
    """y = A·B + bias, or, where it is `added`, y += A·B, within limits. y: [M, N], of any strides, not empty."""
    if any(step % a.itemsize for step in a.strides):
        a = np.ascontiguousarray(a)
    shape, here, layouts = (1, a.shape[1], 1, 1, len(a)), named(packed.set), (strided(a), strided(y))
    plan = float32_direct.plan(shape, packed.shape, ONE, here, layouts, limits, added, SPLIT, True)
    float32_direct.fill(y, a, packed, plan, 1, threads, bias=bias, residual=y if added else None)


def product(a: Matrix, b: Matrix, y: Matrix, threads: int = 1) -> None:
    """y = A·B. a: [M, K], b: [K, N], in any order of memory. y: [M, N], in C order."""
    (M, K), N = a.shape, b.shape[1]
    if K == 0:
        y[...] = 0
    elif N <= FEW < M:
        turned = np.empty((N, M), np.float32)
        product(b.T, a.T, turned, threads)
        y[...] = turned.T
    elif M > FEW:
        in_blocks(a, b, y, threads)
    elif b.T.flags.c_contiguous:
        in_parts(N, threads, by_columns, np.ascontiguousarray(a), b.T, y)
    else:
        blocks = -(-N // COLUMNS)
        in_parts(blocks, threads, by_rows, np.ascontiguousarray(a), np.ascontiguousarray(b), np.arange(K) * N, y)


def in_blocks(a: Matrix, b: Matrix, y: Matrix, threads: int) -> None:
    """y = A·B, block by block of B, each packed into the same memory."""
    here, (K, N) = instructions.chosen(), b.shape
    k_b = width(here)
    across = k_b * max(BLOCK_OF_B // (4 * k_b * min(K, DEEP)), 1)
    space = np.empty((min(-(-N // k_b), across // k_b) * min(K, DEEP) * k_b), np.float32)
    for k in range(0, K, DEEP):
        for n in range(0, N, across):
            depth, columns = min(DEEP, K - k), min(across, N - n)
            panels = space[: -(-columns // k_b) * depth * k_b].reshape(-1, depth, k_b)
            packed_into(panels, b, k, n, columns, threads)
            packed = Packed("matrix-product", here.name, (columns, depth, 1, 1, 1), {"w": panels})
            by_tiles(y[:, n : n + columns], a[:, k : k + depth], packed, threads, Limits(), None, k > 0)
