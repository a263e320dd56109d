"""ConvInteger: convolution of integers with zero points, to int32.

ONNX ConvInteger-10: "The production MUST never overflow. The accumulation may overflow if and only if in 32 bits."
Padding holds the zero point of x (derived: a padded element is a real zero).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.numerics.fixed_point import INT32_MAX, INT32_MIN
from qref.numerics.saturation import saturate, wrap
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require, same_dtype, scalar
from qref.ops.onnx.auto_pad import ATTRIBUTES, geometry
from qref.ops.operator import Operator

INT8 = ("int8", "uint8")

Convolve = Callable[[NDArray[Any], NDArray[Any], Geometry, NDArray[np.int64], NDArray[np.int64]], NDArray[Any]]
"""(x, w, geometry, z_x, z_w) → Σ (x − z_x)(w − z_w) in int64, padding as z_x; z_w broadcasts with w."""


def convolved(
    x: NDArray[Any], w: NDArray[Any], windows: Geometry, z_x: NDArray[np.int64], z_w: NDArray[np.int64]
) -> NDArray[Any]:
    """Σ (x − z_x)(w − z_w) over each window, in int64."""
    return direct(x.astype(np.int64) - z_x, w.astype(np.int64) - z_w, windows)


def conv_integer(
    x: Tensor,
    w: Tensor,
    x_zero_point: Tensor | None = None,
    w_zero_point: Tensor | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    opset: int = 10,
) -> Tensor:
    """Σ (x − x_zero_point)(w − w_zero_point) over each window, int32 [N, M, o1, …].

    Args:
        x: [N, C, D1, …] int8 or uint8. w: [M, C/group, k1, …] int8 or uint8.
        x_zero_point: scalar of x's type. w_zero_point: scalar or [M] of w's type. Absent: zero.

    Returns:
        The exact sum, wrapped to 32 bits where it leaves int32.

    Raises:
        InvalidInput: types, shapes or attributes that the text rejects.
    """
    found = geometry(x.shape, w.shape, auto_pad, dilations, group, kernel_shape, pads, strides)
    exact = accumulate(x, w, x_zero_point, w_zero_point, found)
    return Tensor("int32", wrap(exact, 32).astype(np.int32))


def accumulate(
    x: Tensor,
    w: Tensor,
    x_zero_point: Tensor | None,
    w_zero_point: Tensor | None,
    windows: Geometry,
    convolve: Convolve = convolved,
) -> NDArray[Any]:
    """The exact sums in int64 by one algorithm or another, shared with QLinearConv."""
    dtype("x", x, INT8)
    dtype("w", w, INT8)
    zero_x = np.zeros((), np.int64)
    if x_zero_point is not None:
        same_dtype("x_zero_point", x_zero_point, "x", x)
        scalar("x_zero_point", x_zero_point)
        zero_x = x_zero_point.data.astype(np.int64)
    zero_w = np.zeros((), np.int64)
    if w_zero_point is not None:
        same_dtype("w_zero_point", w_zero_point, "w", w)
        zero_w = per_output_channel("w_zero_point", w_zero_point.data.astype(np.int64), w)
    return convolve(x.data, w.data, windows, zero_x, zero_w)


def per_output_channel(name: str, values: NDArray[Any], w: Tensor) -> NDArray[Any]:
    """A scalar, or [M] shaped to broadcast along the output channels of w. Raises InvalidInput for any other shape."""
    require(
        values.shape in ((), (w.shape[0],)),
        f"{name} has shape {list(values.shape)}: give a scalar or [{w.shape[0]}], one an output channel",
    )
    return values if values.ndim == 0 else values.reshape(-1, *[1] * (len(w.shape) - 1))


def saturated(
    x: Tensor,
    w: Tensor,
    x_zero_point: Tensor | None = None,
    w_zero_point: Tensor | None = None,
    *,
    opset: int = 10,
    **attributes: Any,
) -> list[tuple[str, tuple[Tensor, ...]]]:
    """Where the exact sum leaves int32, the sum saturated: the text lets the accumulation overflow, not how."""
    exact = accumulate(x, w, x_zero_point, w_zero_point, geometry(x.shape, w.shape, **attributes))
    held = saturate(exact, INT32_MIN, INT32_MAX).astype(np.int32)
    return [("the accumulator saturated to int32", (Tensor("int32", held),))]


CONV_INTEGER = Operator(
    "ConvInteger",
    "",
    opsets=(10,),
    inputs=(2, 4),
    outputs=1,
    attributes=ATTRIBUTES,
    function=conv_integer,
    alternatives=saturated,
)
