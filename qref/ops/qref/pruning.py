"""PruneMagnitude, PruneGlobal, PruneStructured, GradualSparsity and MaskedStep: weights that become 0.

qref's own operators (domain "qref", opset 1).
"""

import numpy as np

from qref.compression.gradual_pruning import GradualPruning
from qref.compression.magnitude_pruning import applied, keep_largest, keep_largest_of_all, masked_step
from qref.compression.structured_pruning import keep_n_of_m
from qref.numerics.floats import decode, float_format, nearest
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype, require, same_shape
from qref.ops.operator import Attribute, Operator
from qref.ops.qref import granularity as grain
from qref.quantizers.descent import RATE

FLOAT32 = float_format("float32")
MOST = 16  # tensors that are pruned together


def prune_magnitude(
    W: Tensor, *, ratio: float = 0.5, granularity: str = "tensor", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """W with its smallest magnitudes +0, and the mask of the others: P = R·N, half to even, go of each part of N.

    Args:
        W: finite float32, output channels first. ratio: R, 0 to 1.

    Raises:
        InvalidInput: another type, NaN or infinity, a ratio or granularity that there is not.
    """
    dtype("W", W, ("float32",))
    mask = keep_largest(W.data, ratio, grain.of(granularity, group_size))
    return Tensor("float32", applied(W.data, mask)), Tensor("bool", mask)


def prune_global(*tensors: Tensor | None, ratio: float = 0.5, opset: int = 1) -> Tensor:
    """The masks of all weights together, those of the first tensor first, bool [ΣN], each tensor in C order.

    Args:
        tensors: W₁, W₂, …, finite float32, 16 at most. ratio: R, 0 to 1, of all weights together.

    Raises:
        InvalidInput: an absent tensor, another type, NaN or infinity, a ratio beyond 0 to 1.
    """
    found = []
    for i, W in enumerate(tensors, 1):
        require(W is not None, f"W{i} is absent")
        assert W is not None
        dtype(f"W{i}", W, ("float32",))
        found.append(W.data)
    return Tensor("bool", np.concatenate([mask.reshape(-1) for mask in keep_largest_of_all(found, ratio)]))


def prune_structured(W: Tensor, *, n: int = 2, m: int = 4, opset: int = 1) -> tuple[Tensor, Tensor]:
    """W with +0 for all but the n largest magnitudes of each m input channels, and the mask.

    Args:
        W: finite float32, output channels first, input channels second. n: 1 to m, m: a block's length.

    Raises:
        InvalidInput: another type, NaN or infinity, an n that is not 1 to m.
    """
    dtype("W", W, ("float32",))
    mask = keep_n_of_m(W.data, n, m)
    return Tensor("float32", applied(W.data, mask)), Tensor("bool", mask)


def gradual_sparsity(
    t: Tensor,
    *,
    initial: float = 0.0,
    final: float = 0.5,
    begin: int = 0,
    changes: int = 1,
    every: int = 1,
    opset: int = 1,
) -> Tensor:
    """s_t of each training step, rounded once to float32.

    Args:
        t: int64 steps of any shape. initial, final: s_i and s_f, 0 to 1. begin: t₀. changes: n. every: Δt.

    Raises:
        InvalidInput: another type, sparsities beyond 0 to 1, fewer than one change or step.
    """
    dtype("t", t, ("int64",))
    schedule = GradualPruning(initial, final, begin, changes, every)
    found = [nearest(schedule.sparsity(step), FLOAT32) for step in t.data.reshape(-1).tolist()]
    return Tensor("float32", np.array(found, np.float32).reshape(t.shape))


def gradual_sparsity_bound(
    t: Tensor,
    *,
    initial: float = 0.0,
    final: float = 0.5,
    begin: int = 0,
    changes: int = 1,
    every: int = 1,
    opset: int = 1,
) -> list[Bound]:
    """Eight roundings of s_f + |s_i − s_f|: of quotient, difference, cube, product and sum."""
    y = gradual_sparsity(t, initial=initial, final=final, begin=begin, changes=changes, every=every)
    return [bound.of_dot(y, 8, np.full(t.shape, final + abs(initial - final)))]


def masked_descent(W: Tensor, g: Tensor, mask: Tensor, *, learning_rate: float = RATE, opset: int = 1) -> Tensor:
    """W' = W − η g where the mask is set, +0 elsewhere.

    Args:
        W: weights, g = ∂L/∂W, finite float32 of one shape. mask: bool of W's shape. learning_rate: η.

    Raises:
        InvalidInput: types or shapes that do not fit, NaN or infinity.
    """
    dtype("W", W, ("float32",))
    dtype("g", g, ("float32",))
    dtype("mask", mask, ("bool",))
    same_shape("g", g, "W", W)
    same_shape("mask", mask, "W", W)
    return Tensor("float32", masked_step(W.data, g.data, mask.data, learning_rate))


def masked_descent_bound(
    W: Tensor, g: Tensor, mask: Tensor, *, learning_rate: float = RATE, opset: int = 1
) -> list[Bound]:
    """Two roundings of |w| + η |g| and one more; none where a weight is removed."""
    M = np.abs(decode(W)) + abs(learning_rate) * np.abs(decode(g))
    found = bound.of_dot(masked_descent(W, g, mask, learning_rate=learning_rate), 3, np.where(mask.data, M, 0.0))
    wider = tuple((reason, np.where(mask.data, tolerance, 0.0)) for reason, tolerance in found.wider)
    return [Bound(np.where(mask.data, found.tolerance, 0.0), wider, found.overflow)]


SCHEDULE = {
    "initial": Attribute("float", 0.0),
    "final": Attribute("float", 0.5),
    "begin": Attribute("int", 0),
    "changes": Attribute("int", 1),
    "every": Attribute("int", 1),
}

OPERATORS = (
    Operator(
        "PruneMagnitude",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes={"ratio": Attribute("float", 0.5), **grain.attributes("tensor")},
        function=prune_magnitude,
    ),
    Operator(
        "PruneGlobal",
        "qref",
        opsets=(1,),
        inputs=(1, MOST),
        outputs=1,
        attributes={"ratio": Attribute("float", 0.5)},
        function=prune_global,
    ),
    Operator(
        "PruneStructured",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes={"n": Attribute("int", 2), "m": Attribute("int", 4)},
        function=prune_structured,
    ),
    Operator(
        "GradualSparsity",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes=SCHEDULE,
        function=gradual_sparsity,
        bound=gradual_sparsity_bound,
    ),
    Operator(
        "MaskedStep",
        "qref",
        opsets=(1,),
        inputs=(3, 3),
        outputs=1,
        attributes={"learning_rate": Attribute("float", RATE)},
        function=masked_descent,
        bound=masked_descent_bound,
    ),
)
