"""ShiftConv: convolution with weights that are powers of two. qref's own operator (domain "qref", opset 1)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.conv.shift import Sum, shifted
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require, same_shape
from qref.ops.onnx.auto_pad import ATTRIBUTES, geometry
from qref.ops.operator import Attribute, Operator

SUMS: dict[str, Sum] = {"int32": np.int32, "int64": np.int64}
Convolve = Callable[[NDArray[Any], NDArray[np.int8], NDArray[np.int8], Geometry, int, Sum], NDArray[Any]]
"""(x, signs, exponents, geometry, lowest, type of sums) → sums."""


def shift_conv(
    x: Tensor,
    signs: Tensor,
    exponents: Tensor,
    *,
    lowest: int = 0,
    accumulator: str = "int32",
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    opset: int = 1,
    convolve: Convolve = shifted,
) -> Tensor:
    """y = Σ s·x·2^(e − lowest) over each window, [N, M, o1, …]: the convolution with s·2^e is y·2^lowest.

    Args:
        x: [N, C, D1, …] int8, uint8 or int16. signs: [M, C/group, k1, …] int8, each −1, 0 or +1. exponents: int8 of
        signs' shape; where a sign is 0, any. lowest: no exponent of a weight is below it. accumulator: "int32" or
        "int64", the type of y. convolve: the reference, unless a fast path takes its place.

    Raises:
        InvalidInput: types, shapes or attributes other than these; weights with which a sum could leave y's type.
    """
    dtype("x", x, ("int8", "uint8", "int16"))
    dtype("signs", signs, ("int8",))
    dtype("exponents", exponents, ("int8",))
    same_shape("signs", signs, "exponents", exponents)
    require(-128 <= lowest <= 127, f"lowest is {lowest}: exponents lie from -128 to 127")
    require(accumulator in SUMS, f"accumulator is {accumulator!r}: give {' or '.join(SUMS)}")
    windows = geometry(x.shape, signs.shape, auto_pad, dilations, group, kernel_shape, pads, strides)
    y = convolve(x.data, signs.data, exponents.data, windows, lowest, SUMS[accumulator])
    return Tensor(accumulator, y)


OPERATORS = (
    Operator(
        "ShiftConv",
        "qref",
        opsets=(1,),
        inputs=(3, 3),
        outputs=1,
        attributes={
            "lowest": Attribute("int", 0),
            "accumulator": Attribute("string", "int32"),
            **ATTRIBUTES,
        },
        function=shift_conv,
    ),
)
