"""HalfWaveQuantize and HalfWaveBackward: half-wave Gaussian quantization.

qref's own operators (domain "qref", opset 1).
"""

from fractions import Fraction
from math import inf

import numpy as np

from qref.numerics.floats import decode, float_format, nearest
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype, require, same_shape
from qref.ops.operator import Attribute, Operator
from qref.quantizers.hwgq import HalfWaveGaussian, thresholds

FLOAT32 = float_format("float32")


def half_wave_quantize(x: Tensor, levels: Tensor, *, opset: int = 1) -> tuple[Tensor, Tensor]:
    """0 for x ≤ 0, else the nearest level, of two the lower: code uint8 (0, or 1 for the first level …) and value.

    Args:
        x: finite float32, any shape. levels: float32 [m], positive, ascending, m from 1 to 255.

    Raises:
        InvalidInput: another type, NaN or infinity, levels that are none.
    """
    dtype("x", x, ("float32",))
    grid = grid_of(levels)
    codes = grid.quantize(x.data)
    return Tensor("uint8", codes), Tensor("float32", grid.dequantize(codes))


def grid_of(levels: Tensor) -> HalfWaveGaussian:
    """The quantizer of an input `levels`. Raises InvalidInput as `half_wave_quantize`."""
    dtype("levels", levels, ("float32",))
    require(len(levels.shape) == 1, f"levels has shape {list(levels.shape)}: give one dimension")
    return HalfWaveGaussian(tuple(levels.data.tolist()))


def half_wave_quantize_margin(x: Tensor, levels: Tensor, *, opset: int = 1) -> float:
    """The smallest |x − t| / t to a midpoint t that float32 does not hold; to others and to 0 decisions are exact.

    0 where float32 does not hold the sum of two levels, or x lies within the roundings of a subnormal t.
    """
    midpoints = thresholds(levels.data.tolist())
    if 2 * midpoints[-1] > FLOAT32.highest:
        return 0.0
    rounded = [t for t in midpoints if t != nearest(t, FLOAT32)]
    distances = ((abs(Fraction(v) - t), t) for t in rounded for v in x.data.ravel().tolist())
    return min((float(d / t) if d > FLOAT32.smallest_subnormal else 0.0 for d, t in distances), default=inf)


def half_wave_backward(
    x: Tensor, g: Tensor, levels: Tensor, *, approximation: str = "clipped-relu", opset: int = 1
) -> Tensor:
    """∂C/∂x = g · the derivative at x of "relu", "clipped-relu" or "log-tailed-relu".

    Args:
        x: the quantizer's input, g: ∂C/∂Q, finite float32 of one shape. levels: as it has them; the last is qₘ.

    Raises:
        InvalidInput: types or shapes that do not fit, NaN or infinity, another approximation.
    """
    dtype("x", x, ("float32",))
    dtype("g", g, ("float32",))
    same_shape("g", g, "x", x)
    return Tensor("float32", grid_of(levels).backward(x.data, g.data, approximation))


def half_wave_backward_bound(
    x: Tensor, g: Tensor, levels: Tensor, *, approximation: str = "clipped-relu", opset: int = 1
) -> list[Bound]:
    """None where the gradient passes or is 0; in the tail five roundings of |g| (|x| + qₘ + 1) / (x − τ)²."""
    y = half_wave_backward(x, g, levels, approximation=approximation)
    v, q = decode(x), float(levels.data[-1])
    tail = (v > q) & (approximation == "log-tailed-relu")
    distance = np.where(tail, v - q + 1, 1.0)
    M = np.where(tail, np.abs(decode(g)) * (np.abs(v) + q + 1) / distance / distance, 0.0)
    found = bound.of_dot(y, 5, M)
    tolerance = np.where(tail, found.tolerance, 0.0)
    wider = tuple((reason, np.where(tail, wide, 0.0)) for reason, wide in found.wider)
    return [Bound(tolerance, wider, found.overflow)]


OPERATORS = (
    Operator(
        "HalfWaveQuantize",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=2,
        attributes={},
        function=half_wave_quantize,
        margin=half_wave_quantize_margin,
    ),
    Operator(
        "HalfWaveBackward",
        "qref",
        opsets=(1,),
        inputs=(3, 3),
        outputs=1,
        attributes={"approximation": Attribute("string", "clipped-relu")},
        function=half_wave_backward,
        bound=half_wave_backward_bound,
    ),
)
