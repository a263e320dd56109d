"""Planes: an image laid out so that every tap of a window is a constant step away.

With the padding stored, a window of stride 1 that moves by one pixel moves all its taps by one: output p and tap r meet
at the flat position p + r of the plane. A stride s splits each dimension into s phases, position s·q + φ becoming
position q of phase φ; then s·p + d·r lies in the phase (d·r) mod s at p + ⌊d·r / s⌋, a constant step again. Whole rows
of windows, one after the other, so become one long row; between two rows of windows it runs over a few positions that
belong to no window, whose sums are thrown away.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from qref.conv.geometry import Geometry, on_image
from qref.kernels.conv.copying import copy_every_other, copy_floats


@dataclass(frozen=True, eq=False)
class Planes:
    """An image [N, C, D1, D2, D3] in phases.

    data: [N, C, phases, h1, h2, h3], only phases that some tap meets. starts: for each tap [k1·k2·k3] the flat
    position, within a channel, that it meets in the first window.
    """

    data: NDArray[Any]
    starts: NDArray[np.int64]

    @property
    def lengths(self) -> tuple[int, int, int]:
        """h1, h2, h3: lengths of one phase."""
        h1, h2, h3 = self.data.shape[3:]
        return h1, h2, h3

    @property
    def channel(self) -> int:
        """Elements of one channel."""
        return int(np.prod(self.data.shape[2:]))

    def taps(self, C_g: int) -> NDArray[np.int64]:
        """`starts` for C_g channels one after the other: [C_g·k1·k2·k3]."""
        return (np.arange(C_g)[:, None] * self.channel + self.starts).ravel()


def planes(x: NDArray[Any], geometry: Geometry, dtype: DTypeLike) -> Planes:
    """The phases of an image, padding included. x: [N, C, D1, D2, D3], the geometry in three dimensions."""
    lengths, phases = layout(x.shape[2:], geometry)
    data = np.zeros((*x.shape[:2], len(phases), *lengths), dtype)
    for i, phase in enumerate(phases):
        places, pixels = stored(x.shape[2:], geometry, phase, lengths)
        data[(slice(None), slice(None), i, *places)] = x[(slice(None), slice(None), *pixels)]
    return Planes(data, starts(geometry, lengths, phases))


Lengths = tuple[int, ...]


def layout(image: Lengths, geometry: Geometry) -> tuple[Lengths, list[Lengths]]:
    """Lengths h1, h2, h3 of a phase, and the phases φ1, φ2, φ3 that some tap meets."""
    lengths = tuple(
        -(-(n + begin + end) // s)
        for n, begin, end, s in zip(image, geometry.pads_begin, geometry.pads_end, geometry.strides)
    )
    met = [
        sorted({r * d % s for r in range(k)}) for k, d, s in zip(geometry.kernel, geometry.dilations, geometry.strides)
    ]
    return lengths, list(product(*met))


def starts(geometry: Geometry, lengths: Lengths, phases: list[Lengths]) -> NDArray[np.int64]:
    """Where each tap's row begins in a channel's planes."""
    found = []
    for tap in product(*(range(k) for k in geometry.kernel)):
        places = [r * d for r, d in zip(tap, geometry.dilations)]
        q1, q2, q3 = (u // s for u, s in zip(places, geometry.strides))
        phase = phases.index(tuple(u % s for u, s in zip(places, geometry.strides)))
        found.append(((phase * lengths[0] + q1) * lengths[1] + q2) * lengths[2] + q3)
    return np.array(found, np.int64)


def stored(
    image: Lengths, geometry: Geometry, phase: Lengths, lengths: Lengths
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The places of a phase that hold pixels, and those pixels: place q holds pixel s·q + φ − b."""
    places, pixels = [], []
    for n, s, begin, u, h in zip(image, geometry.strides, geometry.pads_begin, phase, lengths):
        here, there = on_image(u - begin, s, h, n)
        places.append(here)
        pixels.append(there)
    return tuple(places), tuple(pixels)


def borders(image: Lengths, geometry: Geometry) -> NDArray[np.int64]:
    """What `fill` has to know, [phases, 3, 4]: first and last place that holds a pixel, that pixel, the stride."""
    lengths, phases = layout(image, geometry)
    found = np.zeros((len(phases), len(image), 4), np.int64)
    for i, phase in enumerate(phases):
        places, pixels = stored(image, geometry, phase, lengths)
        for axis, (here, there) in enumerate(zip(places, pixels)):
            found[i, axis] = here.start, here.stop, there.start, there.step
    return found


@njit
def fill(x: Any, borders: Any, plane: Any) -> None:
    """The pixels of one channel x [D1, D2, D3] into their places in plane [phases, h1, h2, h3]; others stay."""
    (_, n2, n3), (phases, h1, h2, h3) = x.shape, plane.shape
    for phase in range(phases):
        (first1, last1, i1, s1), (first2, last2, i2, s2), (first3, last3, i3, s3) = borders[phase]
        for q1 in range(last1 - first1):
            to = plane.ctypes.data + 4 * (((phase * h1 + first1 + q1) * h2 + first2) * h3 + first3)
            source = x.ctypes.data + 4 * (((i1 + s1 * q1) * n2 + i2) * n3 + i3)
            for q2 in range(last2 - first2):
                if s3 == 1:
                    copy_floats(to + 4 * q2 * h3, source + 4 * s2 * q2 * n3, last3 - first3)
                elif s3 == 2:
                    copy_every_other(to + 4 * q2 * h3, source + 4 * s2 * q2 * n3, last3 - first3)
                else:
                    row, pixels = plane[phase, first1 + q1, first2 + q2, first3:], x[i1 + s1 * q1, i2 + s2 * q2, i3:]
                    for q3 in range(last3 - first3):
                        row[q3] = pixels[s3 * q3]
