"""What the loops need to know of a geometry, in three dimensions."""

from typing import Any

import numpy as np
from numba import int64, njit, types
from numpy.typing import NDArray

from qref.conv.geometry import Geometry


def steps(geometry: Geometry) -> NDArray[np.int64]:
    """Strides, dilations and padding at the beginning, [3, 3]; the geometry in three dimensions."""
    return np.array([geometry.strides, geometry.dilations, geometry.pads_begin], np.int64)


@njit(types.UniTuple(int64, 2)(int64, int64, int64, int64), cache=True)
def on_image(start: Any, stride: Any, count: Any, length: Any) -> Any:
    """first, last: for first ≤ i < last, of all i in 0 … count − 1, start + stride·i lies on an image of that length.

    `qref.conv.geometry.on_image` for loops.
    """
    first = min(max(-(start // stride), 0), count)
    return first, min(max(-((start - length) // stride), first), count)
