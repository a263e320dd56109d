"""What mistakes of binary schemes share: attributes with their defaults, the layer of XNOR-Net by its factors."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.errors import Unsupported
from qref.numerics.floats import encode
from qref.numerics.philox import words
from qref.numerics.tensor import Tensor
from qref.ops import find, keywords
from qref.ops.onnx.auto_pad import geometry
from qref.ops.qref.xnor_net import windows_of
from qref.ops.request import Request
from qref.quantizers.granularity import Granularity

Array = NDArray[np.float64]


def given(request: Request) -> dict[str, Any]:
    """The attributes of a request, defaults filled in."""
    operator = find(request)
    usual = {name: attribute.default for name, attribute in operator.attributes.items()}
    return {**usual, **keywords(request, operator)}


def values(request: Request, position: int) -> Array:
    """An input in float64."""
    found = request.inputs[position]
    assert found is not None
    return found.data.astype(np.float64)


def drawn(request: Request, plus: Callable[[Array, NDArray[np.uint32]], NDArray[np.bool_]]) -> list[Tensor]:
    """Stochastic signs where `plus` says where +1 stands. Raises Unsupported for a deterministic request."""
    attributes = given(request)
    if attributes["mode"] != "stochastic":
        raise Unsupported("no random signs")
    W = values(request, 0)
    stream = words(attributes["seed"], attributes["tensor"], W.size).reshape(W.shape)
    return [Tensor("int8", np.where(plus(W, stream), 1, -1).astype(np.int8))]


def rounded(*outputs: Array) -> list[Tensor]:
    """Outputs in float32."""
    return [encode(y, "float32") for y in outputs]


def signs(x: Array) -> Array:
    """±1, zeros +1."""
    return np.where(x >= 0, 1.0, -1.0)


def by_groups(A: Array, windows: Geometry) -> Array:
    """Sums over the channels of a group and the taps on the image, [N, G, o1, …]."""
    kernel = np.ones((windows.group, A.shape[1] // windows.group, *windows.kernel))
    return direct(A, kernel, windows)


def window_mean(x: Array, windows: Geometry) -> Array:
    """K [N, G, o1, …]."""
    return by_groups(np.abs(x), windows) / max(x.shape[1] // windows.group * int(np.prod(windows.kernel)), 1)


def layer(
    request: Request,
    *,
    products: Callable[[Array, Array, Geometry], Array] = direct,
    K: Callable[[Array, Geometry], Array] = window_mean,
    alpha: Callable[[Array], Array] | None = None,
) -> list[Tensor]:
    """XnorConv with one of its factors made another way: of signs x, signs w; of the image; of |W| [M, …]."""
    x, w = values(request, 0), values(request, 1)
    windows = geometry(x.shape, w.shape, **request.attributes)
    if len(request.inputs) == 3:
        scale = (
            values(request, 2)
            if alpha is None
            else alpha(np.abs(w) * values(request, 2).reshape(-1, *[1] * (w.ndim - 1)))
        )
    else:
        scale = (_means if alpha is None else alpha)(np.abs(w))
    maps = np.repeat(K(x, windows), w.shape[0] // windows.group, axis=1)
    y = products(signs(x), signs(w), windows) * maps * scale.reshape(-1, *[1] * (x.ndim - 2))
    return rounded(y)


def _means(w: Array) -> Array:
    return w.reshape(len(w), -1).mean(axis=1)


def activation(request: Request, K: Callable[[Array, Geometry], Array]) -> list[Tensor]:
    """XnorActivation with another K."""
    [X] = request.inputs
    assert X is not None
    x = values(request, 0)
    return [Tensor("int8", signs(x).astype(np.int8)), *rounded(K(x, windows_of(X, **request.attributes)))]


def with_another_map(request: Request, K: Callable[[Array, Geometry], Array]) -> list[Tensor]:
    """Either operator of XNOR-Net that has a K, with another one."""
    return layer(request, K=K) if request.op == "XnorConv" else activation(request, K)


def binary_weight_step(request: Request, factor: Callable[[int, float, Array], Array]) -> list[Tensor]:
    """BinaryWeightStep with another factor on g: of n, α and where |w| ≤ 1, as 0 and 1."""
    attributes, (W, g) = given(request), (values(request, i) for i in (0, 1))
    G = np.empty_like(W)
    grain = Granularity(attributes["granularity"], attributes["group_size"])
    for w, d, new in zip(*(grain.parts(x) for x in (W, np.ascontiguousarray(g), G))):
        if w.size:
            new[:] = d * factor(w.size, float(np.abs(w).mean()), (np.abs(w) <= 1).astype(np.float64))
    return rounded(G, W - attributes["learning_rate"] * G)


def straight_through(request: Request, derivative: Callable[[Array], Array]) -> list[Tensor]:
    """The gradient through signs with another derivative of sign."""
    if request.op == "XnorActivationBackward":
        return rounded(values(request, 1) * derivative(values(request, 0)))
    attributes, W = given(request), values(request, 0)
    grain, slope = Granularity(attributes["granularity"], attributes["group_size"]), derivative(W)
    G = np.empty_like(W)
    for w, s, d, new in zip(*(grain.parts(x) for x in (W, slope, np.ascontiguousarray(values(request, 1)), G))):
        if w.size:
            new[:] = d * (1 / w.size + np.abs(w).mean() * s)
    return rounded(G, W - attributes["learning_rate"] * G)
