"""How the error of an algorithm in float32 grows with the number of channels, beside its bound."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qref.conv.algorithm import Algorithm
from qref.conv.cost import Shapes
from qref.conv.direct import direct
from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.numerics.formats import FORMATS, Float
from qref.numerics.philox import words

UNIT = 2.0**-24
SIDE = 14
KERNELS = 8


@dataclass(frozen=True)
class Growth:
    """Errors of one convolution in units of u·Σ|x||w|: the largest, the root mean square, the largest bound."""

    channels: int
    largest: float
    typical: float
    bound: float


def error_growth(algorithm: Algorithm, channels: Iterable[int], seed: int = 5) -> list[Growth]:
    """The error of a 14×14 layer of 8 kernels of 3×3, padding 1, for each number of channels.

    Of 5×5, padding 2, where the algorithm is for those.

    Operands are uniform in [−1, 1), the same for every algorithm.
    """
    return [one_layer(algorithm, C, seed) for C in channels]


def one_layer(algorithm: Algorithm, C: int, seed: int) -> Growth:
    """The error for C channels."""
    shapes = next(found for found in (layer(C, 3), layer(C, 5)) if not algorithm.applies(found))
    x, w, geometry = uniform(shapes.x, seed, 0), uniform(shapes.w, seed, 1), shapes.geometry
    wide_x, wide_w = x.astype(np.float64), w.astype(np.float64)
    float32 = FORMATS["float32"]
    assert isinstance(float32, Float)
    golden = exact(wide_x, wide_w, geometry, float32)
    scale = UNIT * direct(np.abs(wide_x), np.abs(wide_w), geometry)
    errors = np.abs(algorithm.convolve(x, w, geometry) - golden) / scale
    bound = algorithm.bound(x, w, geometry) * UNIT / scale
    return Growth(C, float(errors.max()), float(np.sqrt(np.mean(errors**2))), float(bound.max()))


def layer(C: int, r: int) -> Shapes:
    """The layer for kernels of r×r."""
    pads = (r // 2, r // 2)
    return Shapes((1, C, SIDE, SIDE), (KERNELS, C, r, r), Geometry((r, r), (1, 1), (1, 1), pads, pads))


def uniform(shape: tuple[int, ...], seed: int, tensor: int) -> NDArray[np.float32]:
    """Numbers in [−1, 1) of 24 bits from the counter-based stream."""
    drawn = words(seed, tensor, int(np.prod(shape)))
    return ((drawn >> 8).astype(np.float64) * 2.0**-23 - 1.0).astype(np.float32).reshape(shape)
