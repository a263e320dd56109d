"""AveragePool: the mean of each window.

ONNX AveragePool-22: "The output of each pooling window is divided by the number of elements (exclude pad when attribute
count_include_pad is zero)." What ceil_mode lets hang over beyond the declared padding is no element of either kind.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from qref.errors import NotFixed
from qref.numerics.exact_sums import exact_sum, mean
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.bound import MAGNITUDE, Bound, of_dot
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.onnx.pooling_windows import ATTRIBUTES, Pooling, pooling
from qref.ops.operator import Attribute, Operator


def average_pool(
    X: Tensor,
    *,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    count_include_pad: int = 0,
    dilations: Sequence[int] | None = None,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    opset: int = 22,
) -> Tensor:
    """The exact sum of each window's elements, divided by their number and rounded once.

    Args:
        X: [N, C, D1, …] float16, float32 or, from opset 22, bfloat16.

    Returns:
        [N, C, o1, …] of X's type.

    Raises:
        InvalidInput: types, shapes or attributes that the text rejects.
        NotFixed: a window without elements; opset 11's formulas for auto_pad where they contradict its own text.
        Unsupported: float64.
    """
    x = numbers("X", X, listed(opset, (22, ["bfloat16"])))
    found = pooling(X.shape, kernel_shape, auto_pad, ceil_mode, dilations, pads, strides, opset)
    if opset == 11 and not ceil_mode:
        without_contradiction(found, auto_pad)
    counts = found.elements(with_padding=bool(count_include_pad))
    if not counts.all():
        raise NotFixed("a window covers no element: no text says what an average of nothing is")
    return encode(mean(found.gather(x), counts, float_format(X.dtype)), X.dtype)


def without_contradiction(found: Pooling, auto_pad: str) -> None:
    """Raises NotFixed where the formulas that opset 11 prints for auto_pad without ceil_mode are not its definition.

    They are ⌊(D − extent + 1) / s⌋ for VALID, where "no padding" gives ⌊(D − extent) / s⌋ + 1, and ⌊D / s⌋ for SAME,
    where the attribute says ⌈D / s⌉.
    """
    for i, D in enumerate(found.image):
        reach = found.geometry.extent(i) - 1 if auto_pad == "VALID" else 0
        if auto_pad != "NOTSET" and (D - reach) // found.geometry.strides[i] != found.output[i]:
            raise NotFixed(f"opset 11 prints another number of windows for auto_pad {auto_pad} than it defines")


def average_pool_bound(X: Tensor, *, count_include_pad: int = 0, opset: int = 22, **attributes: Any) -> list[Bound]:
    """The tolerance of a sum of as many terms as there are elements of the image, and one division."""
    y = average_pool(X, count_include_pad=count_include_pad, opset=opset, **attributes)
    found = windows_of(X, opset, **attributes)
    terms = found.gather(np.abs(decode(X)))
    counts = found.elements(with_padding=bool(count_include_pad))
    n = np.broadcast_to(found.elements(with_padding=False) + 2, y.shape)
    return [of_mean(y, terms, counts, n)]


def windows_of(X: Tensor, opset: int, **attributes: Any) -> Pooling:
    """The windows that the attributes of a request give."""
    defaults = {"auto_pad": "NOTSET", "ceil_mode": 0, "dilations": None, "pads": None, "strides": None}
    return pooling(X.shape, opset=opset, **{**defaults, **attributes})


def of_mean(y: Tensor, terms: Any, counts: Any, n: Any) -> Bound:
    """The bound of Σ terms / counts, `terms` [K, …] being magnitudes; the sum before the division may overflow."""
    bound = of_dot(y, n, mean(terms, counts, MAGNITUDE))
    total = exact_sum(terms, MAGNITUDE)
    return replace(bound, overflow=np.isfinite(total) & (total >= float_format(y.dtype).highest / 2))


AVERAGE_POOL = Operator(
    "AveragePool",
    "",
    opsets=(1, 7, 10, 11, 19, 22),
    inputs=(1, 1),
    outputs=1,
    attributes={
        **ATTRIBUTES,
        "count_include_pad": Attribute("int", 0, since=7),
        "dilations": Attribute("ints", since=19),
    },
    function=average_pool,
    bound=average_pool_bound,
)
