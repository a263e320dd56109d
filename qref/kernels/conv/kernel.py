"""Kernel: one algorithm of convolution as compiled loops."""

import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.errors import Unsupported, UsageError
from qref.kernels.conv.operands import matched

DIMENSIONS = 3
LINE = 64
ONE = Geometry((1, 1, 1), (1, 1, 1), (1, 1, 1), (0, 0, 0), (0, 0, 0))
"""A convolution of single pixels: a matrix product."""


@dataclass(frozen=True)
class Kernel:
    """Compiled loops that give what the algorithm of `qref.conv` with the same name gives.

    pack: (w, geometry) → the weights as the loops want them; made once a network, as in every engine.
    run: (x, packed, geometry, threads) → y [N, M, o1, …].
    workspace: (shapes, threads) → bytes that `run` takes as an array of bytes named `workspace`, so that a planner can
    place them; without it, it allocates them itself. None: it takes none.
    places: whether `run` takes an array named `out` too, where the result goes; see `result`.
    prepare: (shape and dtype of x, packed, geometry, threads) → a run of x alone, for what runs many times. None: `run`
    has little else to do.
    """

    name: str
    pack: Callable[..., Any]
    run: Callable[..., NDArray[Any]]
    workspace: Callable[[Shapes, int], int] | None = None
    places: bool = False
    prepare: Callable[..., Callable[..., NDArray[Any]]] | None = None

    def __call__(self, x: NDArray[Any], w: NDArray[Any], geometry: Geometry, threads: int = 1) -> NDArray[Any]:
        """The convolution of x [N, C, D1, …] and w [M, C/G, k1, …], as `qref.conv.direct.direct` gives it.

        Raises:
            Unsupported: more than three dimensions of space, or a type of operands the loops are not compiled for.
            UsageError: lengths that do not fit each other.
        """
        matched(x.shape, w.shape, geometry, threads)
        return self.run(x, self.pack(w, geometry), geometry, threads)


def arithmetic(x: NDArray[Any]) -> NDArray[Any]:
    """The array in a type that loops are compiled for: float32, or int64 for all integers. Raises Unsupported else."""
    if x.dtype == np.float32:
        return x
    if x.dtype.kind in "iu":
        return x.astype(np.int64)
    raise Unsupported(f"operands of type {x.dtype}: the fast paths are for float32 and integers")


def float32(x: NDArray[Any]) -> NDArray[np.float32]:
    """The array. Raises Unsupported where it is not of float32."""
    if x.dtype != np.float32:
        raise Unsupported(f"operands of type {x.dtype}: this fast path is for float32")
    return x


def in_three_dimensions(geometry: Geometry) -> Geometry:
    """The same geometry with leading dimensions of length 1. Raises Unsupported where there are more than three."""
    n = len(geometry.kernel)
    if n > DIMENSIONS:
        raise Unsupported(f"a convolution in {n} dimensions: the fast path is for up to {DIMENSIONS}")
    ones, zeros = (1,) * (DIMENSIONS - n), (0,) * (DIMENSIONS - n)
    return Geometry(
        ones + geometry.kernel,
        ones + geometry.strides,
        ones + geometry.dilations,
        zeros + geometry.pads_begin,
        zeros + geometry.pads_end,
        geometry.group,
    )


def in_space(lengths: tuple[int, ...]) -> tuple[int, ...]:
    """Lengths in space, leading ones of 1 put in so that there are three."""
    return (1,) * (DIMENSIONS - len(lengths)) + tuple(lengths)


def contiguous(x: NDArray[Any]) -> NDArray[Any]:
    """The array as compiled signatures take it: in C order, and writable even where it is only read."""
    return np.require(x, requirements=["C", "W"])


def volume(x: NDArray[Any]) -> NDArray[Any]:
    """x [A, B, D1, …] as [A, B, D1, D2, D3], leading dimensions of length 1 put in; see `contiguous`."""
    return contiguous(x).reshape(*x.shape[:2], *in_space(x.shape[2:]))


def images(x: NDArray[Any]) -> NDArray[Any]:
    """x [N, C, D1, …] as [N, C, D1, D2, D3] in C order, to be read: copied only where it is in another order."""
    return np.ascontiguousarray(x).reshape(*x.shape[:2], *in_space(x.shape[2:]))


def output_space(geometry: Geometry, image: tuple[int, ...]) -> tuple[int, ...]:
    """Lengths of the result in space: 0 where no window lies on the image."""
    return tuple(max(n, 0) for n in geometry.output(image))


def numbers(lengths: tuple[int, ...]) -> int:
    """How many elements an array of these lengths has; none where one is negative."""
    return math.prod(max(n, 0) for n in lengths)


def address(x: NDArray[Any]) -> int:
    """Where an array begins."""
    return int(x.ctypes.data)


def in_parts(count: int, threads: int, loop: Callable[..., None], *arguments: Any) -> None:
    """Calls loop(first, last, *arguments) for even parts of 0 … count, as many as threads."""
    if threads == 1 or count < 2:
        loop(0, count, *arguments)
        return
    ends = [count * i // threads for i in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        parts = [pool.submit(loop, first, last, *arguments) for first, last in pairwise(ends)]
        interrupt = ended(parts)
    if interrupt is not None:
        raise interrupt
    for part in parts:
        part.result()


def ended(parts: list[Future[None]]) -> KeyboardInterrupt | None:
    """Waits for all parts, even when interrupted again: they go by addresses of arrays that the caller would let go."""
    interrupt = None
    while not all(part.done() for part in parts):
        try:
            wait(parts)
        except KeyboardInterrupt as one:
            interrupt = one
    return interrupt


def result(out: NDArray[Any] | None, shape: tuple[int, ...], dtype: Any, *read: NDArray[Any] | None) -> NDArray[Any]:
    """Where a result of these lengths goes: `out`, or a new array. read: what is read after parts of it are written.

    Raises:
        UsageError: `out` has other lengths, another type, is not in C order, is read-only, or lies over what is read.
    """
    if out is None:
        return np.empty(shape, dtype)
    if out.shape != shape or out.dtype != dtype or not (out.flags.c_contiguous and out.flags.writeable):
        told = f"{list(out.shape)} of {out.dtype}"
        raise UsageError(f"out is {told}: give a writable array {list(shape)} of {np.dtype(dtype)} in C order")
    if any(one is not None and np.may_share_memory(out, one) for one in read):
        raise UsageError("out lies over an operand that is read while it is written: give it memory of its own")
    return out


def scratch(
    workspace: NDArray[np.uint8] | None, lengths: dict[str, tuple[int, ...]], dtype: Any
) -> dict[str, NDArray[Any]]:
    """Arrays of these lengths, by name, one after another in the workspace, each on a cache line; or in new memory.

    Raises:
        UsageError: the workspace is smaller than `scratch_bytes`.
    """
    workspace = enough(workspace, scratch_bytes(lengths, dtype))
    begin, found = -workspace.ctypes.data % LINE, {}
    for name, shape in lengths.items():
        end = begin + math.prod(shape) * np.dtype(dtype).itemsize
        found[name] = workspace[begin:end].view(dtype).reshape(shape)
        begin = -(-end // LINE) * LINE
    return found


def enough(workspace: NDArray[np.uint8] | None, needed: int) -> NDArray[np.uint8]:
    """The workspace, or new memory of as many bytes as are needed.

    Raises:
        UsageError: the workspace has fewer, holds something other than bytes, has gaps, or is read-only.
    """
    if workspace is None:
        return np.empty(needed, np.uint8)
    if workspace.dtype != np.uint8 or not (workspace.flags.c_contiguous and workspace.flags.writeable):
        raise UsageError(f"a workspace of {workspace.dtype}: give writable bytes (uint8) without gaps")
    if workspace.nbytes < needed:
        raise UsageError(f"a workspace of {workspace.nbytes} bytes: {needed} are needed")
    return workspace.reshape(-1)


def scratch_bytes(lengths: dict[str, tuple[int, ...]], dtype: Any) -> int:
    """What `scratch` needs, wherever the workspace begins."""
    size = np.dtype(dtype).itemsize
    return LINE + sum(-(-math.prod(shape) * size // LINE) * LINE for shape in lengths.values())
