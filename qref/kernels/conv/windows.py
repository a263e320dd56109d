"""Windows on each channel alone, by the tile of windows: what depthwise convolution and pooling share."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels import program
from qref.kernels.conv.kernel import address, in_parts
from qref.kernels.conv.planes import borders, layout, starts
from qref.kernels.instructions import InstructionSet
from qref.kernels.tile.float32 import Limits
from qref.kernels.tile.windows import FEW, Kind, text

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Plan:
    """A program, and what it has to know of a geometry on an image; names as it explains them.

    room: float32 numbers of the planes of a channel, and of what is read beyond them. left: outputs of a vector.
    """

    kind: Kind
    kernel: Callable[..., Any]
    lengths: NDArray[np.int64]
    borders: NDArray[np.int64]
    taps: NDArray[np.int64]
    places: NDArray[np.int64]
    room: int
    left: int


@lru_cache(maxsize=1024)
def plan(kind: Kind, image: tuple[int, ...], geometry: Geometry, here: InstructionSet) -> Plan:
    """For an image [D1, D2, D3] and a geometry in three dimensions with one output at least."""
    (h1, h2, h3), phases = layout(image, geometry)
    (o1, o2, o3), lanes = geometry.output(image), here.lanes
    across = [*range(0, o3 - lanes, lanes), max(o3 - lanes, 0)]  # the last vector may begin inside the one before
    places = [
        (4 * ((p1 * h2 + p2) * h3 + p3), 4 * ((p1 * o2 + p2) * o3 + p3))
        for p1, p2, p3 in product(range(o1), range(o2), across)
    ]
    places += places[-1:] * (-len(places) % FEW)  # some outputs twice
    return Plan(
        kind,
        program.compiled(text(kind, here)),
        np.array([len(phases), h1, h2, h3], np.int64),
        borders(image, geometry),
        4 * starts(geometry, (h1, h2, h3), phases),
        np.array(places, np.int64),
        len(phases) * h1 * h2 * h3 + lanes,
        min(o3, lanes),
    )


def windows(
    found: Plan,
    x: Array,
    y: Array,
    planes: Array,
    *,
    w: Array | None = None,
    bias: Array | None = None,
    limits: Limits | None = None,
    beside: Array | None = None,
) -> None:
    """The windows on each channel of x [N, C, D1, D2, D3] into y [N, M, …], M a multiple of C.

    Args:
        y: in C order, not empty. planes: [threads, `Plan.room`], written.
        w: [M, taps], and bias [M], for sums. beside: of y's shape for a residual, of an image's for means.
    """
    ends, nothing = limits or Limits(), np.zeros(1, np.float32)
    pair = np.array([ends.low, ends.high], np.float32)
    w, bias, beside = (nothing if array is None else array for array in (w, bias, beside))
    channels, pixels, threads = y.shape[1], math.prod(y.shape[2:]), len(planes)
    step = 4 * pixels if found.kind is Kind.SUM_AND_RESIDUAL else 0
    sizes = np.array([channels // x.shape[1], channels, pixels, step, found.left, len(found.taps)], np.int64)
    planes[...] = -np.inf if found.kind is Kind.MAXIMUM else 0
    addresses = (address(array) for array in (found.taps, w, bias, pair, beside, y))
    in_parts(
        threads, threads, found.kernel, threads, x.reshape(-1, *x.shape[2:]), found.borders, found.lengths, planes,
        found.places, sizes, *addresses,
    )  # fmt: skip


def reaching(geometry: Geometry, image: tuple[int, ...], output: tuple[int, ...]) -> Geometry:
    """The geometry with as much padding at the end as so many windows reach."""
    ends = (
        (output[i] - 1) * geometry.strides[i] + geometry.extent(i) - n - geometry.pads_begin[i]
        for i, n in enumerate(image)
    )
    return replace(geometry, pads_end=tuple(ends))
