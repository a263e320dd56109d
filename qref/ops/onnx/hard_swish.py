"""HardSwish: y = x · max(0, min(1, alpha · x + beta)), alpha = 1/6, beta = 1/2.

ONNX HardSwish-14, -22. alpha is the float32 number 0.16666667 of the function body, x · HardSigmoid<0.16666667,
0.5>(x); that alpha is converted to x's type first, as HardSigmoid's own body has it, is acceptable.
"""

from dataclasses import replace

import numpy as np

from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.bound import Array, Bound, of_dot
from qref.ops.onnx.binary_arithmetic import distance
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.onnx.hard_sigmoid import CONVERTED, between, converted, within
from qref.ops.operator import Operator

ALPHA, BETA = float(np.float32(1 / 6)), 0.5
SIXFOLD = "x · min(max(x + 3, 0), 6) / 6"


def hard_swish(x: Tensor, *, opset: int = 22) -> Tensor:
    """x · (alpha · x + beta), rounded once, where the factor lies within [0, 1]; beyond, x or a zero of x's sign.

    ∞ stays; −∞ gives NaN, as −∞ · 0 does. NaN stays NaN, which is qref's choice (see HardSigmoid).

    Raises:
        InvalidInput: a type that the text rejects.
        Unsupported: float64.
    """
    values = numbers("X", x, listed(opset, (22, ["bfloat16"])))
    return encode(swish(values, ALPHA, x.dtype), x.dtype)


def swish(values: Array, alpha: float, dtype: str) -> Array:
    """x · max(0, min(1, alpha · x + beta)) as the exact sum (alpha·x)·x + beta·x, rounded once.

    alpha · x is exact in float64, and so is the comparison of alpha · x + beta with 0; a factor that float64 rounds to
    1 is so near to it that the product rounds to x.
    """
    scaled = alpha * values
    factors = np.stack([scaled, np.full_like(values, BETA)], axis=-1)[..., None, :]
    operands = np.stack([values, values], axis=-1)[..., :, None]
    inner = dot(factors, operands, float_format(dtype))[..., 0, 0]
    with np.errstate(invalid="ignore"):
        return np.where(scaled + BETA >= 1, values, np.where(scaled + BETA <= 0, 0.0 * values, inner))


def bound(x: Tensor, *, opset: int) -> list[Bound]:
    """Two products, an addend, and alpha for 1/6, on the slope; beyond it the result is exact, or sixfold and back."""
    y = hard_swish(x, opset=opset)
    values = decode(x)
    inside = between(values, ALPHA, BETA, x.dtype)
    size = np.where(inside, np.abs(values), 0.0)
    found = within(of_dot(y, 5, size * (ALPHA * size + BETA)), inside)
    converted_alpha = swish(values, converted(x, ALPHA, BETA)[0], x.dtype)
    other = distance(y, encode(converted_alpha, x.dtype))
    sixfold = 4 * float_format(x.dtype).unit_roundoff * np.where(values > 0, values, 0.0)
    sixfold = found.tolerance + np.where(np.isfinite(sixfold), sixfold, 0.0)
    ways = ((CONVERTED, found.tolerance + other), (SIXFOLD, sixfold))
    return [replace(found, wider=(*found.wider, *ways))]


HARD_SWISH = Operator(
    "HardSwish", "", opsets=(14, 22), inputs=(1, 1), outputs=1, attributes={}, function=hard_swish, bound=bound
)
