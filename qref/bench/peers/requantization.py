"""The requantization that contenders with 8-bit outputs are asked for.

The scale is a power of two: then the product of an accumulator below 2²⁴ and the scale is exact in float32, and all
engines that round to nearest, ties to even, have the same answer, however they multiply.
"""

from collections.abc import Callable
from math import ceil, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

ZERO_POINT = 128
"""Of uint8 outputs."""
SPREAD = 32.0
"""What the outputs' standard deviation is at most: few are clipped, and most of their eight bits are used."""
MEAN_SQUARE = 255 * 511 / 6
"""Of pixels evenly distributed on 0 … 255."""


def output_scale(w: NDArray[Any]) -> float:
    """The scale of the outputs of a layer with weights w [M, …] and pixels evenly distributed on 0 … 255."""
    weights = w.astype(np.float64)
    deviation = float(np.sqrt(MEAN_SQUARE * (weights**2).sum() / max(len(w), 1)))
    return 2.0 ** ceil(log2(max(deviation, 1.0) / SPREAD))


def rule(scale: float, zero_point: int, dtype: Any) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """accumulators → clip(rint(accumulator / scale) + zero_point) to the range of dtype."""
    range = np.iinfo(dtype)

    def requantized(accumulators: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip(np.rint(accumulators / scale) + zero_point, range.min, range.max)

    return requantized
