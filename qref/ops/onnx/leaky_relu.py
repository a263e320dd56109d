"""LeakyRelu: f(x) = alpha · x for x < 0, f(x) = x for x ≥ 0.

ONNX LeakyRelu-6, -16 (LeakyRelu-1, with its legacy attribute, is left out). alpha is the float32 number that the
attribute holds; the function body of opset 16 converts it to x's type first, which is acceptable.
"""

from dataclasses import replace

import numpy as np

from qref.numerics.floats import encode, float_format, round_to
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound, correctly_rounded
from qref.ops.onnx.binary_arithmetic import distance, flushed
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Attribute, Operator

ALPHA = float(np.float32(0.01))
CONVERTED = "alpha converted to the type of x, as in the function body of LeakyRelu-16"


def leaky_relu(x: Tensor, *, alpha: float = ALPHA, opset: int = 16) -> Tensor:
    """alpha · x, rounded once, where x < 0; elsewhere x, NaN and both zeros included.

    Raises:
        InvalidInput: a type that the text rejects.
        Unsupported: float64.
    """
    values = numbers("X", x, listed(opset, (16, ["bfloat16"])))
    with np.errstate(invalid="ignore"):
        return encode(np.where(values < 0, alpha * values, values), x.dtype)


def bound(x: Tensor, *, alpha: float = ALPHA, opset: int) -> list[Bound]:
    """Correctly rounded; so is the product with alpha in x's type."""
    y = leaky_relu(x, alpha=alpha, opset=opset)
    exact = correctly_rounded(y, distance(y, leaky_relu(flushed(x), alpha=alpha, opset=opset)))
    converted = float(round_to(np.asarray(alpha), float_format(x.dtype)))
    other = distance(y, leaky_relu(x, alpha=converted, opset=opset))
    return [replace(exact, wider=(*exact.wider, (CONVERTED, other)))]


LEAKY_RELU = Operator(
    "LeakyRelu",
    "",
    opsets=(6, 16),
    inputs=(1, 1),
    outputs=1,
    attributes={"alpha": Attribute("float", ALPHA)},
    function=leaky_relu,
    bound=bound,
)
