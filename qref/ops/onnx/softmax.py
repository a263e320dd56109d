"""Softmax: y = exp(x) / Σ exp(x).

ONNX Softmax-1, -11: over all dimensions from `axis` on, for the input is "coerced into" a matrix [a_0 … a_{k−1}, a_k …
a_{n−1}], default axis 1. Softmax-13: over the one dimension `axis`, default −1.
"""

import numpy as np
from numpy.typing import NDArray

from qref.errors import NotFixed
from qref.numerics import transcendental
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.bound import Array, Bound
from qref.ops.check import require
from qref.ops.onnx.approximations import of_function
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Attribute, Operator

RELATIVE = 2.0**-20  # of approximations of exp
FARTHEST = 1000.0  # distances beyond have e^−d = 0 in every format


def softmax(x: Tensor, *, axis: int | None = None, opset: int = 13) -> Tensor:
    """e^x divided by its sum over each row, correctly rounded.

    Args:
        x: any shape of rank 1 and above. axis: default 1 before opset 13, −1 from 13 on.

    Returns:
        A tensor of x's shape. −∞ gives 0; a row with NaN or ∞, or of −∞ alone, gives NaN.

    Raises:
        InvalidInput: a type or axis that the text rejects.
        NotFixed: a negative axis in opset 1, whose text has none.
        Unsupported: float64.
    """
    values = numbers("input", x, listed(opset, (13, ["bfloat16"])))
    lines = rows(values, axis, opset)
    format = float_format(x.dtype)
    y = np.empty(lines.shape)
    for i in np.ndindex(*lines.shape[:-1]):
        y[i] = transcendental.softmax(lines[i].tolist(), format)
    return encode(restored(y, x.shape, axis, opset), x.dtype)


def rows(x: NDArray[np.float64], axis: int | None, opset: int) -> Array:
    """x with what is summed over as the last dimension: `axis` from opset 13 on, all from `axis` on before."""
    k = place(x.shape, axis, opset)
    if opset >= 13:
        return np.moveaxis(x, k, -1)
    return x.reshape(int(np.prod(x.shape[:k])), int(np.prod(x.shape[k:])))


def restored(y: Array, shape: tuple[int, ...], axis: int | None, opset: int) -> Array:
    """What `rows` made of a tensor of `shape`, back in that shape."""
    return np.moveaxis(y, -1, place(shape, axis, opset)) if opset >= 13 else y.reshape(shape)


def place(shape: tuple[int, ...], axis: int | None, opset: int) -> int:
    """The axis, counted from the front. Raises as `softmax`."""
    rank = len(shape)
    k = (-1 if opset >= 13 else 1) if axis is None else axis
    if opset == 1 and k < 0:
        raise NotFixed(f"axis is {k}: Softmax-1 does not say what a negative axis is")
    require(-rank <= k < rank, f"axis is {k}: rank {rank} takes {-rank} to {rank - 1}")
    return k % rank


def bound(x: Tensor, *, axis: int | None = None, opset: int) -> list[Bound]:
    """(2K + 6 + d) roundings, K the length of a row and d = max − x.

    x − max has one rounding, of size u·d, which exp turns into a relative error; so have the terms of the sum, weighted
    by y: Σ y·d ≤ ln K < K. exp counts as two in numerator and sum, the sum has K − 1, the quotient one.
    """
    y = softmax(x, axis=axis, opset=opset)
    lines = rows(decode(x), axis, opset)
    K = lines.shape[-1]
    with np.errstate(invalid="ignore"):
        d = lines.max(-1, keepdims=True, initial=-np.inf) - lines
    d = np.where(np.isnan(d), 0.0, np.minimum(d, FARTHEST))
    return [of_function(y, 2 * K + 6 + restored(d, x.shape, axis, opset), relative=RELATIVE)]


SOFTMAX = Operator(
    "Softmax",
    "",
    opsets=(1, 11, 13),
    inputs=(1, 1),
    outputs=1,
    attributes={"axis": Attribute("int", 1, later=(13, -1))},
    function=softmax,
    bound=bound,
)
