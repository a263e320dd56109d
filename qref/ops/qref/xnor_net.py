"""XnorActivation, XnorActivationBackward, XnorConv: a layer of XNOR-Net, and the way back through its signs.

qref's own operators (domain "qref", opset 1).
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.conv.xnor import xnor
from qref.numerics.floats import decode, float_format, nearest
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import MAGNITUDE, Bound
from qref.ops.check import dtype, require, same_shape
from qref.ops.onnx.auto_pad import ATTRIBUTES, geometry
from qref.ops.operator import Operator
from qref.quantizers.binary_weight import sign
from qref.quantizers.weights import finite
from qref.quantizers.xnor_net import forward, scales, scaling_factors, sign_backward

FLOAT32 = float_format("float32")


def xnor_activation(
    X: Tensor,
    *,
    kernel_shape: Sequence[int] | None = None,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    opset: int = 1,
) -> tuple[Tensor, Tensor]:
    """sign(X), int8 of X's shape, and K, float32 [N, group, o1, …]: the mean of |X| under each window, rounded once.

    Args:
        X: image [N, C, D1, …], finite float32. kernel_shape and the others: as Conv has them, kernel_shape is needed.

    Raises:
        InvalidInput: another type, NaN or infinity, or attributes that Conv's text rejects.
    """
    x, windows = image(X), windows_of(X, kernel_shape, auto_pad, dilations, group, pads, strides)
    K = scaling_factors(x, windows)
    rounded = np.array([nearest(value, FLOAT32) for value in K.flat], np.float32).reshape(K.shape)
    return Tensor("int8", sign(x)), Tensor("float32", rounded)


def image(X: Tensor) -> NDArray[np.float32]:
    """The values of X. Raises InvalidInput for another type than float32, NaN and infinity."""
    dtype("X", X, ("float32",))
    return finite("X", X.data)


def windows_of(
    X: Tensor,
    kernel_shape: Sequence[int] | None = None,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Geometry:
    """The windows of an image by the attributes of a convolution. Raises InvalidInput where they do not fit."""
    require(kernel_shape is not None, "kernel_shape is not given: K is a mean over windows of its lengths")
    assert kernel_shape is not None
    require(len(X.shape) >= 3, f"X has rank {len(X.shape)}: give [N, C, D1, …]")
    require(group >= 1 and X.shape[1] % group == 0, f"group {group} does not divide C = {X.shape[1]}")
    kernel = (group, X.shape[1] // group, *kernel_shape)
    return geometry(X.shape, kernel, auto_pad, dilations, group, kernel_shape, pads, strides)


def xnor_activation_bound(X: Tensor, *, opset: int = 1, **attributes: Any) -> list[Bound]:
    """None for the signs; for K that of a mean over a window."""
    signs, K = xnor_activation(X, **attributes)
    C_g = X.shape[1] // attributes.get("group", 1)
    taps = C_g * math.prod(attributes["kernel_shape"])
    return [bound.none(signs), bound.of_mean(K, taps, more=3)]  # two divisions, and one more


def xnor_activation_backward(X: Tensor, g: Tensor, *, opset: int = 1) -> Tensor:
    """∂C/∂X of sign(X): g where |x| ≤ 1, else 0; float32 of X's shape.

    Raises:
        InvalidInput: types or shapes that differ, NaN or infinity.
    """
    x = image(X)
    dtype("g", g, ("float32",))
    same_shape("g", g, "X", X)
    return Tensor("float32", sign_backward(x, finite("g", g.data)))


def xnor_conv(
    X: Tensor,
    W: Tensor,
    scale: Tensor | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    opset: int = 1,
) -> Tensor:
    """Y = (sign(X) ⊛ sign(W)) ⊙ K α, float32 [N, M, o1, …], each element rounded once.

    Args:
        X: image [N, C, D1, …], finite float32. W: [M, C/group, k1, …], finite float32; or int8 codes ±1, and then
        scale: α of each filter, finite float32 [M]. Attributes as Conv has them.

    Raises:
        InvalidInput: types, shapes or attributes that do not fit, NaN or infinity, codes other than ±1.
    """
    windows = geometry(X.shape, W.shape, auto_pad, dilations, group, kernel_shape, pads, strides)
    return Tensor("float32", forward(image(X), *filters(W, scale), windows))


def filters(
    W: Tensor, scale: Tensor | None, means: Callable[[NDArray[np.float32]], list[Any]] = scales
) -> tuple[NDArray[np.int8], list[Any]]:
    """Signs and scales of the weights, by `means` where they are not given.

    Raises:
        InvalidInput: neither float32 weights nor codes with scales.
    """
    dtype("W", W, ("float32", "int8"))
    if W.dtype == "float32":
        require(scale is None, "W is float32, so its scales follow from it: leave scale out")
        weights = finite("W", W.data)
        return sign(weights), means(weights)
    require(bool((np.abs(W.data) == 1).all()), "W holds other codes than −1 and +1: give signs")
    require(scale is not None, "W is int8: give scale, one number a filter")
    assert scale is not None
    dtype("scale", scale, ("float32",))
    require(scale.shape == (W.shape[0],), f"scale has shape {list(scale.shape)}: give [{W.shape[0]}]")
    return W.data, [Fraction(float(alpha)) for alpha in finite("scale", scale.data)]


def xnor_conv_bound(
    X: Tensor, W: Tensor, scale: Tensor | None = None, *, opset: int = 1, **attributes: Any
) -> list[Bound]:
    """|Y| times a rounding for each term of K and α, their divisions and three products; the signs' sum is exact."""
    y = xnor_conv(X, W, scale, **attributes)
    windows = geometry(X.shape, W.shape, **attributes)
    taps = math.prod(W.shape[1:])
    terms = 2 * taps + 7 if scale is None else taps + 5
    signs, alphas = filters(W, scale)
    size = exact(np.abs(decode(X)), np.ones((windows.group, *W.shape[1:])), windows, MAGNITUDE) / max(taps, 1)
    alpha = np.array([float(abs(a)) for a in alphas]).reshape(-1, *[1] * (size.ndim - 2))
    products = np.abs(xnor(sign(X.data), signs, windows)).astype(np.float64)
    K = np.repeat(size, W.shape[0] // windows.group, axis=1)
    # what is lost where K or a mean of weights is subnormal grows with the other
    lost = terms * products * (alpha + (K if scale is None else 0.0)) * bound.ARITHMETIC.smallest_subnormal
    found = bound.widened(bound.of_dot(y, terms, products * K * alpha), lost)
    return [bound.may_overflow(found, taps * np.maximum(K, np.maximum(alpha, K * alpha)))]


OPERATORS = (
    Operator("XnorActivation", "qref", (1,), (1, 1), 2, ATTRIBUTES, xnor_activation, bound=xnor_activation_bound),
    Operator("XnorActivationBackward", "qref", (1,), (2, 2), 1, {}, xnor_activation_backward),
    Operator("XnorConv", "qref", (1,), (2, 3), 1, ATTRIBUTES, xnor_conv, bound=xnor_conv_bound),
)
