"""LookupConv: a convolution whose kernels are sub-vectors of their input channels, by pre-computed tables.

qref's own operator (domain "qref", opset 1).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.check import require
from qref.ops.onnx.auto_pad import ATTRIBUTES, geometry
from qref.ops.onnx.conv import bound_of_sums, taps
from qref.ops.operator import Attribute, Operator
from qref.ops.qref.lookup_gemm import bias, numbers
from qref.ops.qref.subvectors import subvector_decode

Array = NDArray[np.float64]
Sums = Callable[[NDArray[np.float32], NDArray[np.uint8], NDArray[np.float32], int, Geometry], NDArray[np.float32]]
"""(x, codes, codebooks, d, geometry) → sums [N, M, o1, …]."""


def lookup_conv(
    X: Tensor, codes: Tensor, codebooks: Tensor, B: Tensor | None = None, *, opset: int = 1, **attributes: Any
) -> Tensor:
    """Y = X * W' + B, each the exact sum, rounded once: what tables of pixels give, whatever the order.

    Args:
        X: finite float32 [N, C, D1, …]. codes: uint8 [M·k1·…, S], a row a tap of an output channel, S =
        ⌈(C/group)/length⌉. codebooks: finite float32 [V, C/group], shared by all groups. B: finite float32 [M].
        attributes: `length` of a sub-vector, and those of ONNX's Conv, of which kernel_shape is needed.

    Raises:
        InvalidInput: other types or shapes, no kernel_shape, a code from V on, NaN or infinity.
    """
    x, w, b, windows = operands(X, codes, codebooks, B, **attributes)
    return encode(exact(x, w, windows, float_format("float32"), b), "float32")


def operands(
    X: Tensor,
    codes: Tensor,
    codebooks: Tensor,
    B: Tensor | None,
    *,
    length: int = 1,
    kernel_shape: Sequence[int] | None = None,
    **attributes: Any,
) -> tuple[Array, Array, Array | None, Geometry]:
    """X, W' and B, checked, and the geometry."""
    numbers("X", X)
    require(kernel_shape is not None, "no kernel_shape: codes do not say how many taps a kernel has")
    assert kernel_shape is not None
    require(all(k >= 1 for k in kernel_shape), f"kernel_shape is {list(kernel_shape)}: lengths start at 1")
    require(len(codes.shape) == 2 and len(codebooks.shape) == 2, "codes and codebooks: give matrices")
    rows, of_kernel = codes.shape[0], math.prod(kernel_shape)
    require(rows % of_kernel == 0, f"codes have {rows} rows: give one for each of the {of_kernel} taps of a channel")
    shape = (rows // of_kernel, codebooks.shape[1], *kernel_shape)
    windows = geometry(X.shape, shape, kernel_shape=kernel_shape, **attributes)
    W = subvector_decode(codes, codebooks, shape=shape, length=length, layout="channels")
    bias(B, shape[0])
    return decode(X), decode(W), None if B is None else decode(B), windows


def lookup_conv_bound(
    X: Tensor, codes: Tensor, codebooks: Tensor, B: Tensor | None = None, *, opset: int = 1, **attributes: Any
) -> list[Bound]:
    """That of a dot product over the taps on the image, which holds for two stages as well."""
    y = lookup_conv(X, codes, codebooks, B, **attributes)
    x, w, b, windows = operands(X, codes, codebooks, B, **attributes)

    def sums(x: Array, w: Array, format: Float, addend: Array | None) -> Array:
        return exact(x, w, windows, format, addend)

    return [bound_of_sums(y, x, w, b, sums, taps(X.shape, windows))]


def by_sums(
    sums: Sums,
    X: Tensor,
    codes: Tensor,
    codebooks: Tensor,
    B: Tensor | None = None,
    *,
    length: int = 1,
    opset: int = 1,
    **attributes: Any,
) -> Tensor:
    """The same for fast paths: checked, then `sums`, then the bias."""
    *_, windows = operands(X, codes, codebooks, B, length=length, **attributes)
    y = sums(X.data, codes.data, codebooks.data, length, windows)
    return Tensor("float32", y if B is None else y + B.data.reshape(-1, *[1] * len(windows.kernel)))


OPERATORS = (
    Operator(
        "LookupConv",
        "qref",
        opsets=(1,),
        inputs=(3, 4),
        outputs=1,
        attributes={"length": Attribute("int", 1), **ATTRIBUTES},
        function=lookup_conv,
        bound=lookup_conv_bound,
    ),
)
