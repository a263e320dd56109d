"""What lies where: the tables by which the loop around tiles moves, from the geometry of a convolution."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry, on_image
from qref.kernels.tile.program import RUN
from qref.kernels.tile.register_tile import RegisterTile

Span = tuple[int, int]
"""First and last tap of a row of the kernel that lie on the image, the last not included."""


@dataclass(frozen=True)
class Lines:
    """Rows of outputs. table: [n, 3], as the loop takes it. rows: [m, 2], distance in the input and number of each row
    of taps on the image. classes: for each row of outputs, which of `taps` are its rows of taps.
    """

    table: NDArray[np.int64]
    rows: NDArray[np.int64]
    classes: list[int]
    taps: list[tuple[int, ...]]


def lines(geometry: Geometry, image: tuple[int, ...], steps: tuple[int, ...]) -> Lines:
    """For a geometry in three dimensions. steps: distances along each axis, in bytes."""
    height, width = geometry.output(image)[:2]
    table: list[tuple[int, int, int]] = []
    rows: list[tuple[int, int]] = []
    classes: list[int] = []
    known: dict[tuple[int, ...], int] = {}
    for o1, o2 in product(range(height), range(width)):
        first = len(rows)
        (taps1, taps2, _), (pixels1, pixels2, _) = geometry.under((o1, o2, 0), image)
        for (r1, i1), (r2, i2) in product(zip(listed(taps1), listed(pixels1)), zip(listed(taps2), listed(pixels2))):
            rows.append((i1 * steps[0] + i2 * steps[1], r1 * geometry.kernel[1] + r2))
        taps = tuple(tap for _, tap in rows[first:])
        classes.append(known.setdefault(taps, len(known)))
        table.append((first, len(rows) - first, 0))
    return Lines(np.array(table, np.int64).reshape(-1, 3), np.array(rows or [(0, 0)], np.int64), classes, list(known))


def listed(some: slice) -> range:
    """A slice of taps or pixels as numbers."""
    return range(some.start, some.stop, some.step or 1)


def spans(geometry: Geometry, width: int) -> list[Span]:
    """For each pixel of a row of outputs, its taps on the image; `width` is the length of a row of the input."""
    k, s, d, begin = geometry.kernel[-1], geometry.strides[-1], geometry.dilations[-1], geometry.pads_begin[-1]
    count = geometry.dimensions(slice(-1, None)).output((width,))[0]
    found = [on_image(p * s - begin, d, k, width)[0] for p in range(count)]
    return [(taps.start, taps.stop) if taps.stop > taps.start else (0, 0) for taps in found]


@dataclass(frozen=True)
class Run:
    """`times` tiles of a kind side by side, the first at output pixel `pixel`; span: taps, for a tile that is told."""

    kind: int
    times: int
    pixel: int
    span: Span


Cut = tuple[list[RegisterTile], list[Run]]
"""The tiles that a row of outputs needs, and where they stand."""


def compiled_in(found: Sequence[Span], taps: int, most: int, like: RegisterTile) -> Cut:
    """A row cut evenly into tiles of at most `most` pixels, each with its own taps compiled in."""
    tiles: list[RegisterTile] = []
    runs: list[Run] = []
    pixel = 0
    for length in evenly(len(found), most):
        here = found[pixel : pixel + length]
        valid = tuple(tuple(first <= s < last for first, last in here) for s in range(taps))
        tile = replace(like, pixels=length, taps=valid)
        if tile not in tiles:
            tiles.append(tile)
        kind = tiles.index(tile)
        if runs and runs[-1].kind == kind:
            runs[-1] = replace(runs[-1], times=runs[-1].times + 1)
        else:
            runs.append(Run(kind, 1, pixel, (0, 0)))
        pixel += length
    return tiles, runs


def told(found: Sequence[Span], most: int, like: RegisterTile) -> Cut:
    """Tiles for every width: `most` pixels, or a power of two below, with the same taps, which are told at run time."""
    lengths = [most, *(1 << i for i in reversed(range((most - 1).bit_length())))]
    tiles = [replace(like, pixels=length, taps=None) for length in lengths]
    runs: list[Run] = []
    for span, pixel, count in stretches(found):
        end = pixel + count
        for kind, length in enumerate(lengths):
            times = (end - pixel) // length
            if times:
                runs.append(Run(kind, times, pixel, span))
                pixel += times * length
    return tiles, runs


def alike(found: Sequence[Span], most: int, like: RegisterTile) -> Cut:
    """A row cut where the taps of its pixels change, and evenly in between; they are told at run time."""
    tiles: list[RegisterTile] = []
    runs: list[Run] = []
    for span, pixel, count in stretches(found):
        for length, parts in Counter(evenly(count, most)).items():
            tile = replace(like, pixels=length, taps=None)
            if tile not in tiles:
                tiles.append(tile)
            runs.append(Run(tiles.index(tile), parts, pixel, span))
            pixel += length * parts
    return tiles, runs


def stretches(found: Sequence[Span]) -> list[tuple[Span, int, int]]:
    """Stretches of pixels with the same taps: these, the first pixel, how many."""
    ends = [i for i in range(1, len(found) + 1) if i == len(found) or found[i] != found[i - 1]]
    return [(found[first], first, end - first) for first, end in pairwise([0, *ends])]


def evenly(count: int, most: int) -> list[int]:
    """count as a sum of as few even parts of at most `most` as there can be, longer ones first."""
    parts = -(-count // most)
    return [count // parts + (i < count % parts) for i in range(parts)] if count else []


def table(
    runs: Sequence[Run], tiles: Sequence[RegisterTile], begin: int, x_pixel: int, y_pixel: int
) -> NDArray[np.int64]:
    """As the loop takes it. begin, x_pixel: where pixel 0 has its window in the input, and the distance to the next
    one's; y_pixel: the distance in the output; bytes.
    """
    entries = [
        (
            *(run.kind, run.times, begin + run.pixel * x_pixel, run.pixel * y_pixel),
            *(tiles[run.kind].pixels * x_pixel, tiles[run.kind].pixels * y_pixel, *run.span, 0),
        )
        for run in runs
    ]
    return np.array(entries, np.int64).reshape(-1, RUN)
