"""Binary convolutions: what bits and counts of bits make of operands that are all ±1."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.errors import Unsupported
from qref.mistakes.altered_convolution import by_sums
from qref.mistakes.products import Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def of_signs(request: Request, sums: Callable[[Array, Array, Geometry], Array]) -> list[Tensor]:
    """The answer where `sums` makes the sums. Raises Unsupported where an operand is anything but ±1."""

    def checked(x: Array, w: Array, geometry: Geometry) -> Array:
        if not (np.abs(x) == 1).all() or not (np.abs(w) == 1).all():
            raise Unsupported("operands are not all ±1: no binary convolution")
        return sums(x, w, geometry)

    return by_sums(request, checked)


def taps_on_image(x: Array, geometry: Geometry) -> Array:
    """How many taps of each window lie on the image, [1, 1, o1, …]."""
    pixels, kernel = np.ones((1, 1, *x.shape[2:]), np.int64), np.ones((1, 1, *geometry.kernel), np.int64)
    return direct(pixels, kernel, replace(geometry, group=1))
