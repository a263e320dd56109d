"""Geometry of a convolution: how windows lie on an image, in any number of spatial dimensions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Geometry:
    """For each spatial dimension: kernel length k, stride s, dilation d, padding before and after; channel groups."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads_begin: tuple[int, ...]
    pads_end: tuple[int, ...]
    group: int = 1

    def extent(self, i: int) -> int:
        """Input length that one window covers in dimension i: (k − 1)·d + 1."""
        return (self.kernel[i] - 1) * self.dilations[i] + 1

    def output(self, image: tuple[int, ...]) -> tuple[int, ...]:
        """Number of windows in each dimension: ⌊(n + p_begin + p_end − extent) / s⌋ + 1."""
        return tuple(
            (n + self.pads_begin[i] + self.pads_end[i] - self.extent(i)) // self.strides[i] + 1
            for i, n in enumerate(image)
        )

    def dimensions(self, which: slice) -> "Geometry":
        """The geometry in some of the dimensions only."""
        return Geometry(
            self.kernel[which],
            self.strides[which],
            self.dilations[which],
            self.pads_begin[which],
            self.pads_end[which],
            self.group,
        )

    def window(self, position: tuple[int, ...]) -> tuple[slice, ...]:
        """The slices of the padded image under the window of an output position."""
        return tuple(
            slice(p * s, p * s + self.extent(i), d)
            for i, (p, s, d) in enumerate(zip(position, self.strides, self.dilations, strict=True))
        )

    def under(self, position: tuple[int, ...], image: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """The taps of the kernel that lie on the image at an output position, and the pixels under them.

        The window is cut off at the border: kernel[taps] meets x[pixels] element by element.
        """
        found = [
            on_image(p * s - begin, d, k, n)
            for p, s, begin, d, k, n in zip(
                position, self.strides, self.pads_begin, self.dilations, self.kernel, image, strict=True
            )
        ]
        return tuple(taps for taps, _ in found), tuple(pixels for _, pixels in found)

    def along(self, tap: tuple[int, ...], image: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """The output positions at which a tap lies on the image, and the pixels it meets there: the dual of `under`."""
        found = [
            on_image(r * d - begin, s, o, n)
            for r, d, begin, s, o, n in zip(
                tap, self.dilations, self.pads_begin, self.strides, self.output(image), image, strict=True
            )
        ]
        return tuple(outputs for outputs, _ in found), tuple(pixels for _, pixels in found)

    def touched(self, image: tuple[int, ...]) -> int:
        """How many pairs of an output position and a tap on the image there are: a product over the dimensions."""
        pairs = 1
        for i, n in enumerate(image):
            outputs, k, s = self.output(image)[i], self.kernel[i], self.strides[i]
            rows = (on_image(p * s - self.pads_begin[i], self.dilations[i], k, n)[0] for p in range(outputs))
            pairs *= sum(taps.stop - taps.start for taps in rows)
        return pairs

    def pad(self, x: NDArray[Any]) -> NDArray[Any]:
        """x [N, C, D1, …] with zeros around its spatial dimensions."""
        spatial = list(zip(self.pads_begin, self.pads_end, strict=True))
        return np.pad(x, [(0, 0), (0, 0), *spatial])


def on_image(start: int, step: int, count: int, length: int) -> tuple[slice, slice]:
    """The i of 0 … count − 1 for which the pixel start + step·i lies in 0 … length − 1, and those pixels."""
    first = max(-(start // step), 0)
    last = max(min(-((start - length) // step), count), first)
    pixel = start + step * first
    return slice(first, last), slice(pixel, pixel + step * (last - first), step)
