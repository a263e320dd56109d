"""BinaryWeight and BinaryWeightStep: codes and scales of Binary-Weight Networks, and one step of training.

qref's own operators (domain "qref", opset 1).
"""

import numpy as np

from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype, same_shape
from qref.ops.operator import Attribute, Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.binary_connect import RATE
from qref.ops.qref.encoded import tensors
from qref.quantizers.binary_weight import BinaryWeight, step, straight_through
from qref.quantizers.weights import finite


def binary_weight(
    W: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """B = sign(W) and α = ‖W‖₁ / n of each part: int8 of W's shape, float32 [parts].

    Args:
        W: finite float32, output channels first.

    Raises:
        InvalidInput: another type, NaN or infinity, or a granularity that there is not.
    """
    dtype("W", W, ("float32",))
    encoded = BinaryWeight(grain.of(granularity, group_size)).encode(W.data)
    return tensors(encoded)


def binary_weight_bound(W: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1) -> list[Bound]:
    """None for the signs; for a scale that of its sum of |w| and the division."""
    codes, scales = binary_weight(W, granularity=granularity, group_size=group_size)
    return [
        bound.none(codes),
        bound.of_mean(scales, bound.counts_of_parts(W, grain.of(granularity, group_size))),
    ]


def binary_weight_step(
    W: Tensor,
    g: Tensor,
    *,
    learning_rate: float = RATE,
    granularity: str = "channel",
    group_size: int = 0,
    opset: int = 1,
) -> tuple[Tensor, Tensor]:
    """∂C/∂W = g (1/n + α where |w| ≤ 1) and W' = W − η ∂C/∂W: float32 of W's shape, each rounded once.

    Args:
        W: real weights, g: ∂C/∂W̃, finite float32 of one shape. learning_rate: η.

    Raises:
        InvalidInput: types or shapes that differ, NaN or infinity, or a granularity that there is not.
    """
    dtype("W", W, ("float32",))
    dtype("g", g, ("float32",))
    same_shape("g", g, "W", W)
    parts = grain.of(granularity, group_size)
    gradient, updated = step(finite("W", W.data), finite("g", g.data), learning_rate, parts)
    return Tensor("float32", gradient), Tensor("float32", updated)


def binary_weight_step_bound(
    W: Tensor,
    g: Tensor,
    *,
    learning_rate: float = RATE,
    granularity: str = "channel",
    group_size: int = 0,
    opset: int = 1,
) -> list[Bound]:
    """n + 5 roundings of the gradient's terms (the sum of α, two divisions, a sum, a product), two more of the step."""
    parts = grain.of(granularity, group_size)
    gradient, updated = binary_weight_step(
        W, g, learning_rate=learning_rate, granularity=granularity, group_size=group_size
    )
    factor, terms, sums = np.empty(W.shape), np.empty(W.shape, np.int64), np.empty(W.shape)
    magnitudes, inside = np.abs(decode(W)), straight_through(W.data)
    for f, t, s, w, near in zip(*(parts.parts(x) for x in (factor, terms, sums, magnitudes, inside))):
        n = max(w.size, 1)
        f[:] = 1 / n + w.sum() / n * near
        t[:] = w.size + 5
        s[:] = w.sum()
    M = np.abs(decode(g)) * factor
    of_step = bound.of_dot(updated, terms + 2, np.abs(decode(W)) + abs(learning_rate) * M)
    # what a subnormal gradient loses grows with the rate
    lost = abs(learning_rate) * terms.astype(np.float64) * bound.ARITHMETIC.smallest_subnormal
    of_step = bound.widened(of_step, lost)
    return [bound.may_overflow(bound.of_dot(gradient, terms, M), sums), of_step]


OPERATORS = (
    Operator(
        "BinaryWeight",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes=grain.attributes("channel"),
        function=binary_weight,
        bound=binary_weight_bound,
    ),
    Operator(
        "BinaryWeightStep",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=2,
        attributes={"learning_rate": Attribute("float", RATE), **grain.attributes("channel")},
        function=binary_weight_step,
        bound=binary_weight_step_bound,
    ),
)
