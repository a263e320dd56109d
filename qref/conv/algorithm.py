"""What every algorithm of convolution has to say about itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry

Convolve = Callable[[NDArray[Any], NDArray[Any], Geometry], NDArray[Any]]
BoundOf = Callable[[NDArray[Any], NDArray[Any], Geometry], NDArray[np.float64]]


def everywhere(shapes: Shapes) -> str:
    """No reason against any shapes."""
    return ""


@dataclass(frozen=True)
class Algorithm:
    """One way to the accumulators of a convolution.

    convolve: x [N, C, D1, …], w [M, C/G, k1, …] → y [N, M, o1, …] in the arithmetic of the operands' dtype.
    cost: what it takes, in closed form.
    bound: |y − y*| ≤ bound · u elementwise, u the unit roundoff of the arithmetic, y* the exact value or that value
        rounded to the arithmetic's format, where nothing underflows or overflows.
    applies: "" where the algorithm can be used, or why it cannot.
    operands: "numbers" of any dtype, "int8" (int8 or uint8), "signs" (±1), "planes" (int8 or uint8, taken bit by bit)
        or "powers" (x int8, uint8 or int16, w of integers 0 and ±2^e); all but numbers giving int32.
    """

    name: str
    convolve: Convolve
    cost: Callable[[Shapes], Cost]
    bound: BoundOf
    applies: Callable[[Shapes], str] = everywhere
    operands: str = "numbers"
