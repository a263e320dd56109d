"""BatchNormalization in inference: Y = (X − mean) / √(var + epsilon) · scale + B.

ONNX BatchNormalization-15: "Y = (X - input_mean) / sqrt(input_var + epsilon) * scale + B" when training_mode=False. The
text leaves the order of the operations open; here it is the exact value, rounded once. Training is not computed.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import NotFixed, Unsupported
from qref.numerics.floats import encode, float_format, nearest
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.bound import MAGNITUDE, Bound, of_dot
from qref.ops.check import require, same_dtype
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Attribute, Operator

Array = NDArray[np.float64]

# two products, the bias, four scalings (var + epsilon, root, reciprocal or quotient, scale), and one more
TERMS = 8


@dataclass(frozen=True, eq=False)
class Normalization:
    """Values of the inputs, all broadcast to X's shape; epsilon as the attribute holds it."""

    x: Array
    scale: Array
    b: Array
    mean: Array
    var: Array
    epsilon: float


def batch_normalization(
    X: Tensor, scale: Tensor, B: Tensor, mean: Tensor, var: Tensor, *, opset: int = 15, **attributes: Any
) -> Tensor:
    """(X − mean) / √(var + epsilon) · scale + B in each channel, rounded once, of X's shape and type.

    Args:
        X: [N, C, D1, …], or [N] with C = 1 (from opset 9); float16, float32 or, from opset 14, bfloat16.
        scale, B, mean, var: [C], or [C, D1, …] without `spatial` (opset 7). Of X's type, but from opset 14 mean and
            var, from opset 15 scale and B have a type of their own.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: var + epsilon is not positive; opset 1 and 6 without `spatial`, whose shapes are not said.
        Unsupported: training; float64.
    """
    given = normalization(X, scale, B, mean, var, opset, **attributes)
    return encode(each(given, float_format(X.dtype), normalized), X.dtype)


def normalization(
    X: Tensor,
    scale: Tensor,
    B: Tensor,
    mean: Tensor,
    var: Tensor,
    opset: int,
    consumed_inputs: Any = None,
    epsilon: float = float(np.float32(1e-5)),
    is_test: int = 0,
    momentum: float = 0.9,
    spatial: int = 1,
    training_mode: int = 0,
) -> Normalization:
    """The inputs, checked; raises as `batch_normalization` does. momentum and consumed_inputs are training's."""
    if training_mode or (opset < 7 and not is_test):
        raise Unsupported("training is not computed here: set training_mode 0, or is_test 1 before opset 7")
    allowed = listed(opset, (14, ["bfloat16"]))
    x = numbers("X", X, allowed)
    named = {"scale": scale, "B": B, "mean": mean, "var": var}
    own_types = {"scale": opset >= 15, "B": opset >= 15, "mean": opset >= 14, "var": opset >= 14}
    for name, other in named.items():
        if not own_types[name]:
            same_dtype(name, other, "X", X)
    if opset >= 14:
        same_dtype("var", var, "mean", mean)
        same_dtype("B", B, "scale", scale)
    require(x.ndim >= 2 or (x.ndim == 1 and opset >= 9), f"X has rank {x.ndim}: give [N, C, D1, …]")
    require(x.ndim == 4 or opset > 1, f"X has rank {x.ndim}: BatchNormalization-1 takes [N, C, H, W]")
    if not spatial and opset < 7:
        raise NotFixed(f"spatial 0: BatchNormalization-{opset} does not say of what shapes the other inputs are")
    shape = x.shape[1:] if not spatial else x.shape[1:2] if x.ndim > 1 else (1,)
    values = {}
    for name, other in named.items():
        require(other.shape == shape, f"{name} has shape {list(other.shape)}: give {list(shape)}")
        value = numbers(name, other, allowed)
        spread = value if not spatial or x.ndim == 1 else value.reshape(-1, *[1] * (x.ndim - 2))
        values[name] = np.broadcast_to(spread, x.shape)
    found = Normalization(x, values["scale"], values["B"], values["mean"], values["var"], epsilon)
    if (found.var <= -epsilon).any():
        raise NotFixed(f"var + epsilon is not positive everywhere (epsilon {epsilon}): its root is no number")
    return found


def each(given: Normalization, format: Float, formula: Any) -> Array:
    """A formula of x, scale, b, mean and v = var + epsilon, element by element; ∞ and NaN as IEEE 754 takes them."""
    parts = (given.x, given.scale, given.b, given.mean, given.var)
    y = np.empty(given.x.shape)
    for i in np.ndindex(*y.shape):
        x, scale, b, mean, var = (float(part[i]) for part in parts)
        if all(map(math.isfinite, (x, scale, b, mean, var))):
            y[i] = formula(*map(Fraction, (x, scale, b, mean)), Fraction(var) + Fraction(given.epsilon), format)
        else:
            with np.errstate(invalid="ignore"):
                y[i] = (np.float64(x) - mean) / np.sqrt(np.float64(var) + given.epsilon) * scale + b
    return y


def normalized(x: Fraction, scale: Fraction, b: Fraction, mean: Fraction, v: Fraction, format: Float) -> float:
    """b + (x − mean)·scale / √v, rounded once to `format`."""
    return plus_quotient(b, (x - mean) * scale, v, format)


def plus_quotient(b: Fraction, t: Fraction, v: Fraction, format: Float) -> float:
    """b + t / √v rounded once to `format`: the root is enclosed ever more closely, until both ends round alike.

    |t| / √v = √(t² / v) lies between m and m + 1 in units of 2⁻ᵇⁱᵗˢ, m an integer root; where it is m, both ends are.
    """
    square, sign, bits = t * t / v, 1 if t > 0 else -1, 100
    while True:
        scaled = square * 4**bits
        m = math.isqrt(scaled.numerator // scaled.denominator)
        ends = (m, m + (m * m != scaled))
        low, high = (nearest(b + sign * Fraction(end, 2**bits), format) for end in ends)
        if low == high:
            return low
        bits *= 2


def batch_normalization_bound(
    X: Tensor, scale: Tensor, B: Tensor, mean: Tensor, var: Tensor, *, opset: int = 15, **attributes: Any
) -> list[Bound]:
    """8·u·M with M = (|x| + |mean|)·|scale| / √v + |b|: it holds for x·s + (b − mean·s) with s = scale / √v as well."""
    y = batch_normalization(X, scale, B, mean, var, opset=opset, **attributes)
    given = normalization(X, scale, B, mean, var, opset, **attributes)
    M = each(given, MAGNITUDE, magnitude)
    # flushing x, mean or their difference takes up to three of these, each times |scale| / √v
    smallest = max(float_format(t.dtype).smallest_normal for t in (X, mean))
    return [of_dot(y, TERMS, M, flushed=each(replaced(given, smallest), MAGNITUDE, magnitude))]


def magnitude(x: Fraction, scale: Fraction, b: Fraction, mean: Fraction, v: Fraction, format: Float) -> float:
    """(|x| + |mean|)·|scale| / √v + |b|, rounded once to `format`."""
    return plus_quotient(abs(b), (abs(x) + abs(mean)) * abs(scale), v, format)


def replaced(given: Normalization, smallest: float) -> Normalization:
    """The same with 3·smallest as |x| + |mean|, and no bias."""
    nothing = np.zeros(given.x.shape)
    return Normalization(nothing + 3 * smallest, given.scale, nothing, nothing, given.var, given.epsilon)


BATCH_NORMALIZATION = Operator(
    "BatchNormalization",
    "",
    opsets=(1, 6, 7, 9, 14, 15),
    inputs=(5, 5),
    outputs=1,
    attributes={
        "consumed_inputs": Attribute("ints", until=6),
        "epsilon": Attribute("float", 1e-5),
        "is_test": Attribute("int", 0, until=7),
        "momentum": Attribute("float", 0.9),
        "spatial": Attribute("int", 1, until=9),
        "training_mode": Attribute("int", 0, since=14),
    },
    function=batch_normalization,
    bound=batch_normalization_bound,
)
