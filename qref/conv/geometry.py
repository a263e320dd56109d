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

    def window(self, position: tuple[int, ...]) -> tuple[slice, ...]:
        """The slices of the padded image under the window of an output position."""
        return tuple(
            slice(p * s, p * s + self.extent(i), d)
            for i, (p, s, d) in enumerate(zip(position, self.strides, self.dilations, strict=True))
        )

    def pad(self, x: NDArray[Any]) -> NDArray[Any]:
        """x [N, C, D1, …] with zeros around its spatial dimensions."""
        spatial = list(zip(self.pads_begin, self.pads_end, strict=True))
        return np.pad(x, [(0, 0), (0, 0), *spatial])
