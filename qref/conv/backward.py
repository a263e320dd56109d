"""Backward passes: the gradient of a loss with respect to input, weights and bias, given that to the output.

With g = ∂loss/∂y and y = direct(x, w) + bias: each gradient is the adjoint of the map from its operand to y, so that
Σ g·direct(x, w) = Σ input_gradient·x = Σ weight_gradient·w, exactly on integers.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.conv.transposed import transposed


def input_gradient(g: NDArray[Any], w: NDArray[Any], geometry: Geometry, image: tuple[int, ...]) -> NDArray[Any]:
    """∂loss/∂x [N, C, *image]: each element of g scatters the kernel over the window that it came from.

    Args:
        g: [N, M, o1, …]. w: [M, C/G, k1, …], whose first axis the transposed convolution takes as its input's.
    """
    return transposed(g, w, geometry, image)


def weight_gradient(g: NDArray[Any], x: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """∂loss/∂w [M, C/G, k1, …]: a weight gathers g times the pixel it met, over every output where it met one.

    Args:
        g: [N, M, o1, …]. x: [N, C, D1, …].
    """
    G, M_g, C_g = geometry.group, g.shape[1] // geometry.group, x.shape[1] // geometry.group
    gradient = np.zeros((g.shape[1], C_g, *geometry.kernel), np.result_type(g, x))
    n, m, c, *p = range(3 + len(geometry.kernel))
    for tap in np.ndindex(*geometry.kernel):
        outputs, pixels = geometry.along(tap, x.shape[2:])
        for group in range(G):
            mine, seen = slice(group * M_g, (group + 1) * M_g), slice(group * C_g, (group + 1) * C_g)
            there, here = g[(slice(None), mine, *outputs)], x[(slice(None), seen, *pixels)]
            gradient[(mine, slice(None), *tap)] = np.einsum(there, [n, m, *p], here, [n, c, *p], [m, c])
    return gradient


def bias_gradient(g: NDArray[Any]) -> NDArray[Any]:
    """∂loss/∂bias [M]: the sum of g over images and positions."""
    return g.sum(axis=(0, *range(2, g.ndim)), dtype=g.dtype)
