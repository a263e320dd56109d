"""InnerProductHashing: signs and scales of Binary Weight Networks via Hashing.

qref's own operator (domain "qref", opset 1).
"""

import numpy as np

from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import MAGNITUDE, Bound, magnitude
from qref.ops.check import dtype
from qref.ops.operator import Operator
from qref.ops.qref.encoded import tensors
from qref.quantizers import inner_product_hashing as bwnh
from qref.quantizers.granularity import matrix
from qref.quantizers.inner_product_hashing import InnerProductHashing


def inner_product_hashing(W: Tensor, X: Tensor, *, opset: int = 1) -> tuple[Tensor, Tensor]:
    """B and α that minimize ‖XᵀW − XᵀBA‖², each for the other fixed: int8 of W's shape, float32 [channels].

    Args:
        W: finite float32, output channels first. X: finite float32 [samples, weights of a channel].

    Raises:
        InvalidInput: another type or shape, NaN or infinity.
    """
    _float32(W, X)
    encoded = InnerProductHashing().encode(W.data, inputs=X.data)
    return tensors(encoded)


def inner_product_hashing_bound(W: Tensor, X: Tensor, *, opset: int = 1) -> list[Bound]:
    """None for the signs; for a scale that of its two sums, over samples of sums over weights, and of their quotient.

    Where Xb = 0 the scale is BWN's, and so is its bound.
    """
    codes, scales = inner_product_hashing(W, X)
    w, x, alpha = np.abs(decode(W)).reshape(matrix(W.shape)), np.abs(decode(X)), np.abs(decode(scales))
    ones = np.ones((x.shape[1], 1))
    outputs = dot(decode(X), codes.data.reshape(w.shape).T.astype(np.float64), MAGNITUDE)
    energy = dot(np.ones((1, len(x))), outputs**2, MAGNITUDE)[0]
    of_ones = magnitude(x, ones)
    sums = magnitude(of_ones.T, magnitude(x, w.T))[0] + alpha * magnitude(of_ones.T, of_ones)[0, 0]
    mean = magnitude(w, ones)[:, 0] / max(w.shape[1], 1)
    M = np.where(energy > 0, np.divide(sums, energy, out=mean.copy(), where=energy > 0), mean)
    return [bound.none(codes), bound.of_dot(scales, len(x) + 2 * x.shape[1] + 4, M)]


def inner_product_hashing_margin(W: Tensor, X: Tensor, *, opset: int = 1) -> float:
    """The smallest relative distance of a sign's decision to 0, over all sweeps."""
    _float32(W, X)
    return bwnh.margin(W.data, X.data)


def _float32(W: Tensor, X: Tensor) -> None:
    dtype("W", W, ("float32",))
    dtype("X", X, ("float32",))


OPERATORS = (
    Operator(
        "InnerProductHashing",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=2,
        attributes={},
        function=inner_product_hashing,
        bound=inner_product_hashing_bound,
        margin=inner_product_hashing_margin,
    ),
)
