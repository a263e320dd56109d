"""The forward of a factorized layer: three steps in place of one product with W ≈ X·D·Yᵀ.

Wang, Cheng, "Fixed-point Factorized Networks", CVPR 2017, figure 1: a convolution with the k ternary
filters Yᵀ, each of its channels scaled by its dᵢ, and a 1×1 convolution with the ternary X. [seed: figure 1, "New
layers"]
"""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.exact import windows
from qref.conv.geometry import Geometry
from qref.numerics.floats import float_format, nearest
from qref.numerics.whole_numbers import STEP, whole
from qref.quantizers.factorized import Factorized
from qref.quantizers.granularity import matrix

FLOAT32 = float_format("float32")


def product(layer: Factorized, x: NDArray[Any], bias: NDArray[Any] | None = None) -> NDArray[np.float32]:
    """y = X·(D·(Yᵀ·x)) + b: the three steps on columns, each y the exact sum, rounded once.

    Args:
        x: [K, columns], finite float32. bias: [M].
    """
    Y = layer.Y.reshape(layer.D.size, matrix(layer.shape)[1])
    z = Y @ whole(x)
    z = whole(layer.D)[:, np.newaxis] * z
    b = whole(np.zeros(len(layer.X)) if bias is None else bias)[:, np.newaxis]
    y = layer.X.astype(object) @ z + b * int(1 / STEP)
    found = [nearest(Fraction(int(sum)) * STEP**2, FLOAT32) for sum in y.reshape(-1)]
    return np.array(found, np.float32).reshape(len(layer.X), x.shape[1])


def convolution(
    layer: Factorized, x: NDArray[Any], geometry: Geometry, bias: NDArray[Any] | None = None
) -> NDArray[np.float32]:
    """The convolution of x with the weights that `layer` stands for, without ever forming them.

    Args:
        x: image [N, C, D1, …], finite float32. geometry: of the filters Yᵀ, one group. bias: [M].

    Returns:
        y [N, M, o1, …], each the exact sum, rounded once.
    """
    N, output = len(x), geometry.output(x.shape[2:])
    columns = windows(x, geometry, np.arange(N * int(np.prod(output)), dtype=np.int64))
    y = product(layer, columns.reshape(matrix(layer.shape)[1], columns.shape[-1]), bias)
    return np.moveaxis(y.reshape(len(layer.X), N, *output), 0, 1)
