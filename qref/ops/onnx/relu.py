"""Relu: y = max(0, x).

ONNX Relu-6, -13, -14 (Relu-1, with its legacy attribute, is left out).
"""

import numpy as np

from qref.numerics.tensor import Tensor
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Operator

SIGNED = ("int8", "int16", "int32", "int64")


def relu(x: Tensor, *, opset: int = 14) -> Tensor:
    """x where x > 0, else 0. ∞ stays; −0 stays −0, and +0 is as good: no text orders the two.

    NaN stays NaN, which is qref's choice: no text says what max(0, NaN) is.

    Raises:
        InvalidInput: a type that the text rejects.
        Unsupported: float64.
    """
    values = numbers("X", x, listed(opset, (13, ["bfloat16"]), (14, SIGNED)))
    return Tensor(x.dtype, np.where(values < 0, np.zeros_like(x.data), x.data))


RELU = Operator("Relu", "", opsets=(6, 13, 14), inputs=(1, 1), outputs=1, attributes={}, function=relu)
