"""HardSigmoid: y = max(0, min(1, alpha · x + beta)).

ONNX HardSigmoid-6, -22 (HardSigmoid-1, with its legacy attribute, is left out). alpha and beta are the float32 numbers
that the attributes hold; the function body converts them to x's type first, which is acceptable.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode, encode, float_format, round_to
from qref.numerics.tensor import Tensor
from qref.ops.bound import Array, Bound, of_dot
from qref.ops.onnx.binary_arithmetic import distance
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Attribute, Operator

ALPHA, BETA = float(np.float32(0.2)), 0.5
CONVERTED = "alpha and beta converted to the type of x, as in the function body"


def hard_sigmoid(x: Tensor, *, alpha: float = ALPHA, beta: float = BETA, opset: int = 22) -> Tensor:
    """alpha · x + beta held within [0, 1], rounded once; ±∞ give 0 or 1 by the sign of alpha, NaN for alpha 0.

    NaN stays NaN, which is qref's choice: no text says what min(1, NaN) is.

    Raises:
        InvalidInput: a type that the text rejects.
        Unsupported: float64.
    """
    values = numbers("X", x, listed(opset, (22, ["bfloat16"])))
    return encode(np.clip(line(values, alpha, beta, x.dtype), 0.0, 1.0), x.dtype)


def converted(x: Tensor, alpha: float, beta: float) -> tuple[float, float]:
    """alpha and beta in x's type."""
    format = float_format(x.dtype)
    return float(round_to(np.asarray(alpha), format)), float(round_to(np.asarray(beta), format))


def line(values: Array, alpha: float, beta: float, dtype: str) -> Array:
    """alpha · x + beta, exact and rounded once."""
    factor, addend = np.asarray([[alpha]]), np.asarray(beta)
    return dot(values[..., None, None], factor, float_format(dtype), addend)[..., 0, 0]


def bound(x: Tensor, *, alpha: float = ALPHA, beta: float = BETA, opset: int) -> list[Bound]:
    """A product and an addend where alpha · x + beta may lie in [0, 1]; beyond, the limit and nothing else."""
    y = hard_sigmoid(x, alpha=alpha, beta=beta, opset=opset)
    values = decode(x)
    inside = between(values, alpha, beta, x.dtype)
    M = abs(alpha) * np.where(inside, np.abs(values), 0.0) + abs(beta)
    found = within(of_dot(y, 3, M), inside)
    a, b = converted(x, alpha, beta)
    other = distance(y, hard_sigmoid(x, alpha=a, beta=b, opset=opset))
    return [replace(found, wider=(*found.wider, (CONVERTED, found.tolerance + other)))]


def between(values: Array, alpha: float, beta: float, dtype: str) -> NDArray[np.bool_]:
    """Whether alpha · x + beta, with its roundings, may lie between 0 and 1."""
    format = float_format(dtype)
    t = line(values, alpha, beta, "float32")
    with np.errstate(invalid="ignore"):  # 0 · ∞
        error = 3 * format.unit_roundoff * (abs(alpha) * np.abs(values) + abs(beta)) + 3 * format.smallest_subnormal
        return (-error <= t) & (t <= 1 + error) & np.isfinite(values)


def within(found: Bound, inside: NDArray[np.bool_]) -> Bound:
    """The bound where `inside`, and no tolerance elsewhere."""
    return Bound(
        np.where(inside, found.tolerance, 0.0),
        tuple((reason, np.where(inside, wide, 0.0)) for reason, wide in found.wider),
        None if found.overflow is None else found.overflow & inside,
    )


HARD_SIGMOID = Operator(
    "HardSigmoid",
    "",
    opsets=(6, 22),
    inputs=(1, 1),
    outputs=1,
    attributes={"alpha": Attribute("float", ALPHA), "beta": Attribute("float", BETA)},
    function=hard_sigmoid,
    bound=bound,
)
