"""XnorConv and XnorActivation: signs by the tiles of binary convolution, K from sums in float64."""

import math
from typing import Any

import numpy as np
from numba import float32, float64, int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv.kernel import in_three_dimensions
from qref.kernels.conv.xnor import XNOR
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype, same_shape
from qref.ops.onnx.auto_pad import geometry
from qref.ops.operator import Operator
from qref.ops.qref.xnor_net import filters, image, windows_of
from qref.ops.request import Request
from qref.quantizers.weights import finite


@njit(void(float32[:, :, :, :, ::1], int64[:, ::1], float64, float64[:, :, :, ::1]), cache=True)
def means(grouped: Any, steps: Any, taps: Any, K: Any) -> None:
    """K[i, o1, o2, o3] of grouped images [N·G, C/G, D1, D2, D3]; steps: kernel, strides, dilations and pads before."""
    kernel, strides, dilations, pads = steps
    planes = np.zeros(grouped.shape[2:])
    for i in range(grouped.shape[0]):
        planes[:] = 0.0
        for c in range(grouped.shape[1]):
            planes += np.abs(grouped[i, c])
        for p in np.ndindex(K.shape[1:]):
            total = 0.0
            for a in range(kernel[0]):
                x = p[0] * strides[0] - pads[0] + a * dilations[0]
                if not 0 <= x < planes.shape[0]:
                    continue
                for b in range(kernel[1]):
                    y = p[1] * strides[1] - pads[1] + b * dilations[1]
                    if not 0 <= y < planes.shape[1]:
                        continue
                    for c in range(kernel[2]):
                        z = p[2] * strides[2] - pads[2] + c * dilations[2]
                        if 0 <= z < planes.shape[2]:
                            total += planes[x, y, z]
            K[i, p[0], p[1], p[2]] = total / taps if taps else 0.0


def scaling(x: NDArray[np.float32], windows: Geometry) -> NDArray[np.float64]:
    """K [N, G, o1, …] in float64."""
    N, C, *space = x.shape
    G, output, inner = windows.group, windows.output(tuple(space)), in_three_dimensions(windows)
    ones = (1,) * (3 - len(space))
    K = np.empty((N * G, *ones, *output))
    steps = np.array([inner.kernel, inner.strides, inner.dilations, inner.pads_begin], np.int64)
    grouped = np.ascontiguousarray(x).reshape(N * G, C // G, *ones, *space)
    means(grouped, steps, float(C // G * math.prod(windows.kernel)), K)
    return K.reshape(N, G, *output)


def signs_of(x: NDArray[np.float32]) -> NDArray[np.int8]:
    """±1, zeros +1."""
    signs: NDArray[np.int8] = 2 * (x >= 0).view(np.int8) - np.int8(1)
    return signs


def xnor_activation(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """XnorActivation."""
    keywords(request, operator)
    [X] = request.inputs
    assert X is not None
    x, windows = image(X), windows_of(X, **request.attributes)
    return Tensor("int8", signs_of(x)), Tensor("float32", scaling(x, windows).astype(np.float32))


def xnor_activation_backward(request: Request, operator: Operator) -> Tensor:
    """XnorActivationBackward."""
    keywords(request, operator)
    X, g = request.inputs
    assert X is not None and g is not None
    x = image(X)
    dtype("g", g, ("float32",))
    same_shape("g", g, "X", X)
    return Tensor("float32", np.where(np.abs(x) <= 1, finite("g", g.data), np.float32(0)))


def xnor_conv(request: Request, operator: Operator) -> Tensor:
    """XnorConv, scaled in float64."""
    keywords(request, operator)
    X, W, scale = (*request.inputs, None)[:3]
    assert X is not None and W is not None
    windows = geometry(X.shape, W.shape, **request.attributes)
    x, (B, alpha) = image(X), filters(W, scale, fast_scales)
    y = XNOR(signs_of(x), B, windows) * np.repeat(scaling(x, windows), B.shape[0] // windows.group, axis=1)
    with np.errstate(over="ignore"):
        return Tensor("float32", (y * np.array(alpha, np.float64).reshape(-1, *[1] * (y.ndim - 2))).astype(np.float32))


def fast_scales(W: NDArray[np.float32]) -> list[float]:
    """α of each filter, sums in float64."""
    return [float(np.abs(w).sum(dtype=np.float64) / max(w.size, 1)) for w in W.reshape(len(W), -1)]
