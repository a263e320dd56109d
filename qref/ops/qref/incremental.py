"""IncrementalEncode, IncrementalFreeze, IncrementalStep: incremental network quantization.

qref's own operators (domain "qref", opset 1).
"""

import numpy as np

from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype, require, same_shape
from qref.ops.operator import Attribute, Operator
from qref.ops.qref.encoded import tensors
from qref.quantizers.descent import RATE
from qref.quantizers.incremental import Incremental, freeze, magnitudes, step

BITS = {"bits": Attribute("int", 5)}


def incremental_encode(W: Tensor, *, bits: int = 5, opset: int = 1) -> tuple[Tensor, Tensor]:
    """Codes uint8 of W's shape, and P, the codebook float32 [1, 2^(bits−1) + 1] that they index.

    P is 0, 2^n₁ … 2^n₂, −2^n₁ … −2^n₂. CodebookDecode with granularity "tensor" leads back.

    Args:
        W: finite float32, one layer. bits: 2 to 8.

    Raises:
        InvalidInput: another type or width, NaN or infinity, |w| ≥ 1.5 · 2¹²⁷.
    """
    dtype("W", W, ("float32",))
    encoded = Incremental(bits).encode(W.data)
    return tensors(encoded)


def incremental_freeze(
    W: Tensor, frozen: Tensor, *, count: int = -1, bits: int = 5, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """W with its frozen weights in P, and the mask, 1 where frozen: as before, and the largest of the others.

    Args:
        W: finite float32, one layer. frozen: the mask so far, uint8 of W's shape. count: weights frozen afterwards.
        bits: 2 to 8.

    Raises:
        InvalidInput: types, shapes or bits that do not fit, NaN or infinity, a mask of other numbers than 0 and 1, a
        count below what is frozen or beyond all, |w| ≥ 1.5 · 2¹²⁷.
    """
    _check(W, frozen)
    magnitudes(0, bits)
    moved, mask = freeze(W.data, frozen.data, count, bits)
    return Tensor("float32", moved), Tensor("uint8", mask)


def _check(W: Tensor, frozen: Tensor) -> None:
    dtype("W", W, ("float32",))
    dtype("frozen", frozen, ("uint8",))
    same_shape("frozen", frozen, "W", W)
    require(not (frozen.data > 1).any(), "frozen holds other numbers than 0 and 1: give a mask")


def incremental_step(W: Tensor, g: Tensor, frozen: Tensor, *, learning_rate: float = RATE, opset: int = 1) -> Tensor:
    """W' = W − γ g where a weight is not frozen, W elsewhere.

    Args:
        W: weights, g = ∂E/∂W, finite float32 of one shape. frozen: uint8 of W's shape, 1 where a weight is frozen.
        learning_rate: γ.

    Raises:
        InvalidInput: types or shapes that do not fit, NaN or infinity, a mask of other numbers than 0 and 1.
    """
    _check(W, frozen)
    dtype("g", g, ("float32",))
    same_shape("g", g, "W", W)
    return Tensor("float32", step(W.data, g.data, frozen.data, learning_rate))


def incremental_step_bound(
    W: Tensor, g: Tensor, frozen: Tensor, *, learning_rate: float = RATE, opset: int = 1
) -> list[Bound]:
    """None where a weight is frozen; else two roundings of |w| + γ |g|, and one more."""
    y = incremental_step(W, g, frozen, learning_rate=learning_rate)
    found = bound.of_dot(y, 3, np.abs(decode(W)) + abs(learning_rate) * np.abs(decode(g)))
    free = frozen.data == 0
    wider = tuple((reason, wide * free) for reason, wide in found.wider)
    return [Bound(found.tolerance * free, wider, found.overflow)]


OPERATORS = (
    Operator(
        "IncrementalEncode",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes=BITS,
        function=incremental_encode,
    ),
    Operator(
        "IncrementalFreeze",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=2,
        attributes={**BITS, "count": Attribute("int", -1)},
        function=incremental_freeze,
    ),
    Operator(
        "IncrementalStep",
        "qref",
        opsets=(1,),
        inputs=(3, 3),
        outputs=1,
        attributes={"learning_rate": Attribute("float", RATE)},
        function=incremental_step,
        bound=incremental_step_bound,
    ),
)
