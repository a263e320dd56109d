"""Planes cut into segments: an image in which every tap of a window is a constant step away, for sparse tiles.

A plane holds every s-th pixel of an image in each dimension, from an offset u on: position q holds pixel s·q + u − b.
Output p and tap r then meet at position p + a of a plane, for a constant a: with u = (d·r) mod s and a = ⌊d·r / s⌋,
taps share planes (direct convolution); with u = d·r and a = 0, each tap has a plane of its own, a row of the column
matrix. Rows follow each other with as few zeros between them as there have to be: those after a row also stand before
the next. So outputs are one long line too, in which a few positions belong to no output.
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry, on_image
from qref.kernels.tile.tables import evenly

Lengths = tuple[int, ...]


@dataclass(frozen=True)
class Axis:
    """One dimension of all planes.

    outputs: how many there are. length: from a row to the next. pixels: for each offset u the positions that hold
    pixels, and those pixels. taps: for each tap the number of its offset, and its step a.
    """

    outputs: int
    length: int
    pixels: list[tuple[slice, slice]]
    taps: list[tuple[int, int]]


def axis(n: int, geometry: Geometry, i: int, matrix: bool) -> Axis:
    """Dimension i of an image that has length n there; matrix: each tap has planes of its own."""
    outputs = geometry.dimensions(slice(i, i + 1)).output((n,))[0]
    s, begin = geometry.strides[i], geometry.pads_begin[i]
    places = [r * geometry.dilations[i] for r in range(geometry.kernel[i])]
    offsets = places if matrix else sorted({u % s for u in places})
    taps = [(offsets.index(u if matrix else u % s), 0 if matrix else u // s) for u in places]
    length, pixels = outputs, []
    for plane, u in enumerate(offsets):
        reach = outputs + max(a for which, a in taps if which == plane)
        here, there = on_image(u - begin, s, reach, n)
        if here.stop > here.start:  # beyond the end of a row lie the zeros before the next one's pixels
            length = max(length, here.stop, reach - here.start)
        pixels.append((here, there))
    return Axis(outputs, length, pixels, taps)


@dataclass(frozen=True, eq=False)
class Segments:
    """The planes of an image and the tiles of their segments; distances in floats.

    segment: pixels L of a segment. vectors: of a plane in memory, the pixels that taps reach beyond the segments
    included. planes: of a channel. taps: [taps, 2], plane and step of each. rows: [n, 3], for each row of pixels where
    it begins in a channel of the image and in the line of its plane, and its length; firsts: [planes + 1], where each
    plane's begin. tiles: first vector and T of each. pieces: [n, 5], outputs side by side: their tile and segment,
    where they begin there and in a channel of the output, and how many there are.
    """

    segment: int
    vectors: int
    planes: int
    taps: NDArray[np.int64]
    rows: NDArray[np.int64]
    firsts: NDArray[np.int64]
    tiles: list[tuple[int, int]]
    pieces: NDArray[np.int64]


def segments(image: Lengths, geometry: Geometry, lanes: int, most: int, *, matrix: bool) -> Segments:
    """For an image and a geometry in three dimensions, with an output; tiles of at most `most` vectors."""
    axes = [axis(image[i], geometry, i, matrix) for i in range(3)]
    _, h2, h3 = (one.length for one in axes)
    taps = [
        (
            (planes[0] * len(axes[1].pixels) + planes[1]) * len(axes[2].pixels) + planes[2],
            (steps[0] * h2 + steps[1]) * h3 + steps[2],
        )
        for planes, steps in (zip(*tap) for tap in product(*(one.taps for one in axes)))
    ]
    rows = [rows_of(planes, image, (h2, h3)) for planes in product(*(one.pixels for one in axes))]
    o1, o2, o3 = (one.outputs for one in axes)
    segment = -(-(((o1 - 1) * h2 + o2 - 1) * h3 + o3) // lanes)
    reach = segment + max(step for _, step in taps)
    lengths = evenly(segment, most)
    begins = np.cumsum([0, *lengths[:-1]])
    return Segments(
        segment=segment,
        vectors=-(-reach // lanes) * lanes,
        planes=len(rows),
        taps=np.array(taps, np.int64),
        rows=np.concatenate(rows),
        firsts=np.cumsum([0, *map(len, rows)]),
        tiles=list(zip(begins.tolist(), lengths)),
        pieces=pieces((o1, o2, o3), (h2, h3), segment, begins),
    )


def rows_of(places: tuple[tuple[slice, slice], ...], image: Lengths, lengths: Lengths) -> NDArray[np.int64]:
    """The rows of pixels of one plane, as `Segments.rows`; places: its positions and pixels in each dimension."""
    (q1, p1), (q2, p2), (q3, p3) = places
    if q3.stop == q3.start:
        return np.empty((0, 3), np.int64)
    pixels = np.add.outer(numbers(p1) * image[1], numbers(p2)).ravel() * image[2] + p3.start
    positions = np.add.outer(numbers(q1) * lengths[0], numbers(q2)).ravel() * lengths[1] + q3.start
    return np.column_stack([pixels, positions, np.full(len(pixels), q3.stop - q3.start)])


def numbers(some: slice) -> NDArray[np.int64]:
    """The positions of a slice."""
    return np.arange(some.start, some.stop, some.step or 1)


def pieces(outputs: Lengths, lengths: Lengths, segment: int, begins: NDArray[np.int64]) -> NDArray[np.int64]:
    """`Segments.pieces`: outputs side by side in a row, a tile and a segment; in the order of tiles."""
    (o1, o2, o3), (h2, h3) = outputs, lengths
    row = np.add.outer(np.arange(o1) * h2, np.arange(o2)).ravel()
    positions = np.add.outer(row * h3, np.arange(o3)).ravel()  # of all outputs in their order
    lane, inside = np.divmod(positions, segment)
    tile = np.asarray(np.searchsorted(begins, inside, "right") - 1, np.int64)
    output = np.arange(math.prod(outputs))
    key = (lane * len(begins) + tile) * (o1 * o2) + output // o3
    first = np.flatnonzero(np.diff(key, prepend=-1))
    count = np.diff(first, append=len(key))
    found = np.column_stack([tile[first], lane[first], (inside - begins[tile])[first], first, count])
    return found[np.argsort(tile[first], kind="stable")]
