"""What the tests of convolution share: drawn layers, what to fill them with, and the definition in loops."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.conv import Geometry, Shapes

Brute = Callable[[NDArray[Any], NDArray[Any], Geometry], NDArray[Any]]


@dataclass(frozen=True)
class Drawn:
    """The shapes of a layer, and a seed for what is in it."""

    shapes: Shapes
    seed: int

    def integers(self, lowest: int = -9, highest: int = 9) -> tuple[NDArray[Any], NDArray[Any]]:
        """x and w in int64."""
        rng = np.random.default_rng(self.seed)
        x, w = (rng.integers(lowest, highest + 1, shape) for shape in (self.shapes.x, self.shapes.w))
        return x, w

    def signs(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """x and w of ±1."""
        return tuple(np.where(values < 0, -1, 1) for values in self.integers())  # type: ignore[return-value]

    def floats(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """x and w in float32, over many binades, zeros among them."""
        rng = np.random.default_rng(self.seed)

        def values(shape: tuple[int, ...]) -> NDArray[Any]:
            found = rng.standard_normal(shape) * 2.0 ** rng.integers(-12, 12, shape)
            return np.where(rng.random(shape) < 0.1, 0.0, found).astype(np.float32)

        return values(self.shapes.x), values(self.shapes.w)


@st.composite
def drawn_layers(draw: st.DrawFn) -> Drawn:
    """Layers in one to three dimensions: outputs of no elements, pads beyond the kernel, strides beyond the kernel,
    dilation beyond the image, groups, one pixel, one channel, often the 3 or 5 taps at stride 1 of Winograd."""
    n = draw(st.integers(1, 3))
    most = {1: 9, 2: 6, 3: 4}[n]

    def lengths(low: int, high: int) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=n, max_size=n))

    image, begin, end = lengths(1, most), lengths(0, 4), lengths(0, 4)
    if draw(st.booleans()):
        kernel, strides, dilations = [draw(st.sampled_from([3, 3, 5]))] * n, [1] * n, [1] * n
    else:
        kernel, strides, dilations = lengths(1, 3), lengths(1, 4), lengths(1, 5)
    for i in range(n):
        lacking = (kernel[i] - 1) * dilations[i] + 1 - image[i] - begin[i] - end[i]
        if lacking > 0 and strides[i] > 1:
            strides[i] = max(strides[i], lacking)  # no window fits: an output of length zero
        elif lacking > 0:
            end[i] += lacking
    geometry = Geometry(*map(tuple, (kernel, strides, dilations, begin, end)), draw(st.integers(1, 3)))
    N, C_g, M_g = draw(st.integers(0, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    G = geometry.group
    shapes = Shapes((N, G * C_g, *image), (G * M_g, C_g, *kernel), geometry)
    assert min(shapes.output) >= 0
    return Drawn(shapes, draw(st.integers(0, 2**32)))


def brute(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Every output as the sum over every tap, in Python's numbers, an index outside the image contributing nothing."""
    y = np.zeros((x.shape[0], w.shape[0], *geometry.output(x.shape[2:])), object)
    spatial = range(x.ndim - 2)
    for n, m, *p in np.ndindex(*y.shape):
        first = m // (w.shape[0] // geometry.group) * w.shape[1]
        for c, *r in product(range(w.shape[1]), *map(range, geometry.kernel)):
            at = [p[i] * geometry.strides[i] + r[i] * geometry.dilations[i] - geometry.pads_begin[i] for i in spatial]
            if all(0 <= at[i] < x.shape[2 + i] for i in spatial):
                y[(n, m, *p)] += x[(n, first + c, *at)].item() * w[(m, c, *r)].item()
    return y


@pytest.fixture(scope="session")
def layers() -> st.SearchStrategy[Drawn]:
    """Layers to draw from."""
    return drawn_layers()


@pytest.fixture(scope="session")
def definition() -> Brute:
    return brute
