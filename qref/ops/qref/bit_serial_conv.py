"""BitSerialConv: convolution of integers of few bits. qref's own operator (domain "qref", opset 1)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.bit_serial import MOST_BITS, Code, bit_serial, code_of
from qref.conv.geometry import Geometry
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require
from qref.ops.onnx.auto_pad import ATTRIBUTES, geometry
from qref.ops.operator import Attribute, Operator

INT8 = ("int8", "uint8")
W_CODES = ("integer", "bipolar")
Convolve = Callable[[NDArray[Any], NDArray[Any], Geometry, Code, Code], NDArray[np.int32]]
"""(x, w, geometry, code of x, code of w) → sums."""


def bit_serial_conv(
    x: Tensor,
    w: Tensor,
    *,
    x_bits: int = MOST_BITS,
    w_bits: int = MOST_BITS,
    w_code: str = "integer",
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    opset: int = 1,
    convolve: Convolve = bit_serial,
) -> Tensor:
    """Σ x·w over each window, int32 [N, M, o1, …].

    Args:
        x: [N, C, D1, …] int8 (two's complement) or uint8 (unsigned) that x_bits hold. w: [M, C/group, k1, …] int8 or
        uint8 that w_bits hold. w_code: "integer", as x; or "bipolar", int8, odd integers Σ 2^i·(±1). convolve: the
        reference, unless a fast path takes its place.

    Raises:
        InvalidInput: types, shapes or attributes other than these; an integer that its bits do not hold; so many taps
            and bits that a sum could leave int32.
    """
    dtype("x", x, INT8)
    dtype("w", w, INT8)
    require(w_code in W_CODES, f"w_code is {w_code!r}: give {' or '.join(W_CODES)}")
    bipolar = w_code == "bipolar"
    require(not bipolar or w.dtype == "int8", f"w is {w.dtype}: bipolar integers are int8")
    windows = geometry(x.shape, w.shape, auto_pad, dilations, group, kernel_shape, pads, strides)
    code = Code(w_bits, "bipolar") if bipolar else code_of(w.dtype, w_bits)
    return Tensor("int32", convolve(x.data, w.data, windows, code_of(x.dtype, x_bits), code))


OPERATORS = (
    Operator(
        "BitSerialConv",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=1,
        attributes={
            "x_bits": Attribute("int", MOST_BITS),
            "w_bits": Attribute("int", MOST_BITS),
            "w_code": Attribute("string", "integer"),
            **ATTRIBUTES,
        },
        function=bit_serial_conv,
    ),
)
