"""The bound that holds for every order of summing up the products of a convolution."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.direct import direct
from qref.conv.geometry import Geometry


def of_sums(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[np.float64]:
    """(n + 1)·M for each output, n the number of its products and M = Σ|x||w|.

    A sum of n products in arithmetic of unit roundoff u is off by at most n·u·M, in any order, with or without fused
    multiply-add (Jeannerod and Rump, "Improved error bounds for inner products in floating-point arithmetic", 2013);
    one more M covers the rounding of the exact value it is compared with.
    """
    n = w[0].size if len(w) else 0
    return (n + 1) * direct(np.abs(x).astype(np.float64), np.abs(w).astype(np.float64), geometry)


def exactly(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[np.float64]:
    """Zero for each output: integer arithmetic."""
    return np.zeros((x.shape[0], w.shape[0], *geometry.output(x.shape[2:])))
