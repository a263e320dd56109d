"""TernaryWeight, TernaryWeightExact and TernaryWeightStep: ternary weight networks.

qref's own operators (domain "qref", opset 1).
"""

from collections.abc import Callable
from fractions import Fraction
from math import inf

import numpy as np

from qref.numerics.exact_totals import total
from qref.numerics.floats import decode, float_format, nearest
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype, same_shape
from qref.ops.operator import Attribute, Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.encoded import tensors
from qref.quantizers.descent import RATE
from qref.quantizers.encoded import Scaled
from qref.quantizers.ternary_weight import TernaryExact, TernaryWeight, objective, step, threshold

FLOAT32 = float_format("float32")
ROUNDINGS = Fraction(3, 2) * Fraction(FLOAT32.smallest_subnormal)  # of a subnormal mean, times 0.7


def ternary_weight(
    W: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """T = sign(w) where |w| > 0.7 · mean |w|, α the mean of those |w|: int8 of W's shape, float32 [parts].

    Args:
        W: finite float32, output channels first.

    Raises:
        InvalidInput: another type, NaN or infinity, or a granularity that there is not.
    """
    dtype("W", W, ("float32",))
    return _tensors(TernaryWeight(grain.of(granularity, group_size)).encode(W.data))


def ternary_weight_exact(
    W: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """T and α of the smallest ‖W − αT‖²; arguments, outputs and errors as those of `ternary_weight`."""
    dtype("W", W, ("float32",))
    return _tensors(TernaryExact(grain.of(granularity, group_size)).encode(W.data))


def _tensors(encoded: Scaled) -> tuple[Tensor, Tensor]:
    return tensors(encoded)


def ternary_weight_bound(
    W: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> list[Bound]:
    """None for the codes; for a scale that of its sum of |w| and the division."""
    return _bound(W, *ternary_weight(W, granularity=granularity, group_size=group_size), granularity, group_size)


def ternary_weight_exact_bound(
    W: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> list[Bound]:
    """As `ternary_weight_bound`."""
    return _bound(W, *ternary_weight_exact(W, granularity=granularity, group_size=group_size), granularity, group_size)


def _bound(W: Tensor, codes: Tensor, scales: Tensor, granularity: str, group_size: int) -> list[Bound]:
    counts = bound.counts_of_parts(W, grain.of(granularity, group_size))
    return [bound.none(codes), bound.of_mean(scales, counts)]


def ternary_weight_margin(W: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1) -> float:
    """The smallest | |w| − Δ | / Δ; a part of zeros, whose Δ is 0, decides exactly.

    0 where float32 does not hold Σ |w|, or a weight lies within the roundings of a subnormal Δ.
    """
    least = inf
    for w in grain.of(granularity, group_size).parts(W.data):
        delta = threshold(w)
        if total(np.abs(w)) >= FLOAT32.highest / 2:
            return 0.0
        for x in np.abs(w).tolist() if delta else []:
            distance = abs(Fraction(x) - delta)
            least = min(least, float(distance / delta) if distance > ROUNDINGS else 0.0)
    return least


def ternary_weight_exact_margin(
    W: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> float:
    """The smallest relative distance of another (Σ |w|)² / j to the best.

    Equal ones count as 0, unless float32 holds both sums, their squares and the quotients. 0 where a square leaves the
    range of float32's normal numbers.
    """
    least = inf
    for w in grain.of(granularity, group_size).parts(W.data):
        gains, magnitudes = objective(w)
        if not gains:
            continue
        best = gains.index(max(gains))
        if gains[best] < FLOAT32.smallest_normal or gains[-1] * len(gains) >= FLOAT32.highest / 2:
            return 0.0
        for j, gain in enumerate(gains):
            if j == best or (gain == gains[best] and all(_held(magnitudes, i + 1) for i in (j, best))):
                continue
            least = min(least, float(1 - gain / gains[best]))
    return least


def _held(magnitudes: list[Fraction], j: int) -> bool:
    S = sum(magnitudes[:j], Fraction(0))
    return all(x == nearest(x, FLOAT32) for x in (S, S * S, S * S / j))


def ternary_weight_step(W: Tensor, g: Tensor, *, learning_rate: float = RATE, opset: int = 1) -> Tensor:
    """W' = W − η g, g = ∂L/∂(αT): the gradient of the ternary weights moves the real ones.

    Args:
        W: real weights, g: the gradient, finite float32 of one shape. learning_rate: η.

    Raises:
        InvalidInput: types or shapes that differ, NaN or infinity.
    """
    dtype("W", W, ("float32",))
    dtype("g", g, ("float32",))
    same_shape("g", g, "W", W)
    return Tensor("float32", step(W.data, g.data, learning_rate))


def ternary_weight_step_bound(W: Tensor, g: Tensor, *, learning_rate: float = RATE, opset: int = 1) -> list[Bound]:
    """Two roundings of |w| + η |g|, and one more."""
    M = np.abs(decode(W)) + abs(learning_rate) * np.abs(decode(g))
    return [bound.of_dot(ternary_weight_step(W, g, learning_rate=learning_rate), 3, M)]


def _encoder(
    name: str,
    function: Callable[..., tuple[Tensor, Tensor]],
    bound_: Callable[..., list[Bound]],
    margin: Callable[..., float],
) -> Operator:
    return Operator(
        name,
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes=grain.attributes("channel"),
        function=function,
        bound=bound_,
        margin=margin,
    )


OPERATORS = (
    _encoder("TernaryWeight", ternary_weight, ternary_weight_bound, ternary_weight_margin),
    _encoder("TernaryWeightExact", ternary_weight_exact, ternary_weight_exact_bound, ternary_weight_exact_margin),
    Operator(
        "TernaryWeightStep",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=1,
        attributes={"learning_rate": Attribute("float", RATE)},
        function=ternary_weight_step,
        bound=ternary_weight_step_bound,
    ),
)
