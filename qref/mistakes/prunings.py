"""What mistakes in pruning share: masks from a rule for a row of weights, and answers from masks."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request

MAGNITUDE = ("PruneMagnitude", "PruneGlobal")

Row = NDArray[np.float32]
Mask = NDArray[np.bool_]
Rule = Callable[[Row, float], Mask]  # weights that share a cut, and the ratio → which stay


def by_parts(request: Request, rule: Rule) -> list[Tensor]:
    """What an engine answers to PruneMagnitude or PruneGlobal that has this rule."""
    check(request, MAGNITUDE)
    ratio = float(np.float32(request.attributes.get("ratio", 0.5)))
    tensors = [W.data for W in request.inputs if W is not None]
    if request.op == "PruneGlobal":
        return [Tensor("bool", rule(np.concatenate([W.reshape(-1) for W in tensors]), ratio))]
    [W] = tensors
    given = request.attributes
    parts = grain.of(given.get("granularity", "tensor"), given.get("group_size", 0))
    mask = np.zeros(W.shape, np.bool_)
    for w, kept in zip(parts.parts(W), parts.parts(mask), strict=True):
        kept[:] = rule(w, ratio)
    return masked(W, mask)


def masked(W: NDArray[Any], mask: Mask) -> list[Tensor]:
    """The two answers of one tensor's pruning."""
    return [Tensor("float32", np.where(mask, W, np.float32(0))), Tensor("bool", mask)]


def first(order: NDArray[Any], count: int) -> Mask:
    """A mask of the first `count` places of an order."""
    mask = np.zeros(order.size, np.bool_)
    mask[order[:count]] = True
    return mask


def stay(size: int, ratio: float) -> int:
    """How many stay by the right rule."""
    return size - round(ratio * size)
