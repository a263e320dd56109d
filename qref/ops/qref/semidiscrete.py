"""SemidiscreteDecomposition, FactorizedDecode, FactorizedConv: Fixed-point Factorized Networks.

qref's own operators (domain "qref", opset 1). Factors are X, int8 [M, k], D, float32 [k], and Y, int8 [k, …], whose
rows have the shape of a filter.
"""

from collections.abc import Sequence
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.exact import exact
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import ARITHMETIC, MAGNITUDE, Bound, magnitude
from qref.ops.check import computable, dtype, require
from qref.ops.onnx.auto_pad import ATTRIBUTES, geometry
from qref.ops.onnx.conv import bias as check_bias
from qref.ops.operator import Attribute, Operator
from qref.quantizers import factorized_layer, semidiscrete
from qref.quantizers.factorized import Factorized
from qref.quantizers.granularity import matrix
from qref.quantizers.semidiscrete import FixedPointFactorized
from qref.quantizers.weights import finite

Array = NDArray[np.float64]


def semidiscrete_decomposition(
    W: Tensor, *, terms: int = 0, epochs: int = 1, opset: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    """X, D and Y of W ≈ X·D·Yᵀ.

    Args:
        W: finite float32, output channels first. terms: k, 0 for min(M, K). epochs: how often each term is found.

    Raises:
        InvalidInput: another type, NaN or infinity, fewer than no terms, fewer than one epoch.
    """
    found = scheme_of(W, terms, epochs).encode(W.data)
    return Tensor("int8", found.X), Tensor("float32", found.D), Tensor("int8", found.Y)


def scheme_of(W: Tensor, terms: int, epochs: int) -> FixedPointFactorized:
    """The scheme that a request asks for. Raises InvalidInput for another type, Unsupported for too many terms."""
    dtype("W", W, ("float32",))
    k, (M, K) = semidiscrete.number_of_terms(W.shape, terms), matrix(W.shape)
    computable((M, k))
    computable((k, K))
    return FixedPointFactorized(terms, epochs)


def semidiscrete_bound(W: Tensor, *, terms: int = 0, epochs: int = 1, opset: int = 1) -> list[Bound]:
    """None for X and Y; for D that of sums over the residual, which carries what the other terms' d may be off."""
    X, D, Y = semidiscrete_decomposition(W, terms=terms, epochs=epochs)
    M, K = matrix(W.shape)
    doubt, before = np.zeros(D.shape), np.zeros(D.shape)
    found = bound.none(D)
    last = b""
    for epoch in range(1, epochs + 1):
        one = FixedPointFactorized(terms, epoch).encode(W.data)
        if one.packed() == last:  # the epochs after it change nothing
            break
        last = one.packed()
        x, d = np.abs(one.X).astype(np.float64), np.abs(one.D)
        y = np.abs(one.Y).reshape(len(d), K).astype(np.float64)
        size = np.abs(decode(W)).reshape(M, K) + magnitude(x * np.maximum(d, before), y)
        count = x.sum(axis=0) * y.sum(axis=1)
        sums = np.diagonal(magnitude(magnitude(x.T, size), y.T))
        mean = np.divide(sums, count, out=np.zeros(D.shape), where=count > 0)
        shared = (x.T @ x) * (y @ y.T) / np.maximum(count, 1)[:, np.newaxis]
        found = bound.of_dot(Tensor("float32", one.D), count.astype(np.int64) + len(d) + 2, mean)
        found = bound.may_overflow(found, sums)
        for i in range(len(d)):
            carried = fsum(np.delete(shared[i] * doubt, i))  # a BLAS's sum is not the same on every machine
            doubt[i] = found.tolerance[i] + carried
        before = d
    return [bound.none(X), bound.widened(found, doubt - found.tolerance), bound.none(Y)]


def semidiscrete_margin(W: Tensor, *, terms: int = 0, epochs: int = 1, opset: int = 1) -> float:
    """The smallest relative distance of a decision (signs, the number of nonzeros) to its boundary, over all steps."""
    scheme_of(W, terms, epochs)
    return semidiscrete.margin(W.data, terms, epochs)


def factorized_decode(X: Tensor, D: Tensor, Y: Tensor, *, opset: int = 1) -> Tensor:
    """W' = X·D·Yᵀ, each sum exact and rounded once, in the shape [M, …] of the filters.

    Raises:
        InvalidInput: other types or shapes, factors other than −1, 0 and 1, NaN or infinity in D.
    """
    return Tensor("float32", _layer(X, D, Y).decode())


def factorized_decode_bound(X: Tensor, D: Tensor, Y: Tensor, *, opset: int = 1) -> list[Bound]:
    """The bound of sums over k terms."""
    layer = _layer(X, D, Y)
    W = Tensor("float32", layer.decode())
    K = matrix(layer.shape)[1]
    sums = magnitude(decode(X) * decode(D), decode(Y).reshape(layer.D.size, K))
    return [bound.of_dot(W, layer.D.size + 1, sums.reshape(W.shape))]


def factorized_conv(
    x: Tensor,
    X: Tensor,
    D: Tensor,
    Y: Tensor,
    B: Tensor | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    opset: int = 1,
) -> Tensor:
    """The convolution of x with W' = X·D·Yᵀ by its three steps, each output the exact sum, rounded once.

    Args:
        x: [N, C, D1, …] finite float32. X: int8 [M, k]. D: float32 [k]. Y: int8 [k, C, k1, …]. B: [M]. Attributes as
        ONNX's Conv has them, one group.

    Raises:
        InvalidInput: types, shapes or attributes other than these, factors other than −1, 0 and 1, NaN or infinity.
    """
    layer, b = operands(x, X, D, Y, B)
    lie = geometry(x.shape, Y.shape, auto_pad, dilations, 1, kernel_shape, pads, strides)
    return Tensor("float32", factorized_layer.convolution(layer, x.data, lie, b))


def factorized_conv_bound(
    x: Tensor, X: Tensor, D: Tensor, Y: Tensor, B: Tensor | None = None, *, opset: int = 1, **attributes: Any
) -> list[Bound]:
    """The bound of sums over taps and terms."""
    layer, b = operands(x, X, D, Y, B)
    y = factorized_conv(x, X, D, Y, B, **attributes)
    lie = geometry(x.shape, Y.shape, **attributes)
    first = exact(np.abs(decode(x)), np.abs(decode(Y)), lie, MAGNITUDE)  # sums of the first step, [N, k, …]
    N, k, *output = first.shape
    columns = np.moveaxis(first, 1, 0).reshape(k, N * int(np.prod(output)))
    scaled = np.abs(decode(X) * decode(D))
    addend = None if b is None else np.abs(b).astype(np.float64)[:, np.newaxis]
    M = np.moveaxis(magnitude(scaled, columns, addend).reshape(len(layer.X), N, *output), 0, 1)
    taps = int(np.prod(Y.shape[1:]))
    found = bound.of_dot(y, taps + k + 4, M * (1 + 2 * ARITHMETIC.unit_roundoff))
    # what the first two steps give may overflow, and a factor of 0 after them makes NaN of it
    d = np.abs(decode(D)).reshape(k, *[1] * len(output))
    found = bound.may_overflow(found, (first * np.maximum(d, 1)).max(axis=1, keepdims=True, initial=0.0))
    # so may a weight, where an engine makes the weights first
    weights = magnitude(scaled, np.abs(decode(Y)).reshape(k, taps)).max(axis=1, initial=0.0)
    return [bound.may_overflow(found, weights.reshape(-1, *[1] * len(output)))]


def operands(
    x: Tensor, X: Tensor, D: Tensor, Y: Tensor, B: Tensor | None
) -> tuple[Factorized, NDArray[np.float32] | None]:
    """The factors and the bias of a FactorizedConv, checked. Raises InvalidInput as `factorized_conv` does."""
    dtype("x", x, ("float32",))
    finite("x", x.data)
    layer = _layer(X, D, Y)
    if B is None:
        return layer, None
    dtype("B", B, ("float32",))
    check_bias("B", B, X.shape[0])
    return layer, finite("B", B.data)


def _layer(X: Tensor, D: Tensor, Y: Tensor) -> Factorized:
    dtype("X", X, ("int8",))
    dtype("D", D, ("float32",))
    dtype("Y", Y, ("int8",))
    k = D.shape[0] if len(D.shape) == 1 else -1
    require(
        len(X.shape) == 2 and len(Y.shape) >= 1 and X.shape[1] == Y.shape[0] == k,
        f"X, D and Y have shapes {list(X.shape)}, {list(D.shape)} and {list(Y.shape)}: give [M, k], [k] and [k, …]",
    )
    for name, factor in (("X", X), ("Y", Y)):
        other = factor.data[np.abs(factor.data.astype(np.int16)) > 1]
        require(not other.size, f"{name} holds {other[:1]}: factors are -1, 0 and 1")
    return Factorized((X.shape[0], *Y.shape[1:]), X.data, finite("D", D.data), Y.data)


CONV = {name: attribute for name, attribute in ATTRIBUTES.items() if name != "group"}

OPERATORS = (
    Operator(
        "SemidiscreteDecomposition",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=3,
        attributes={"terms": Attribute("int", 0), "epochs": Attribute("int", 1)},
        function=semidiscrete_decomposition,
        bound=semidiscrete_bound,
        margin=semidiscrete_margin,
    ),
    Operator(
        "FactorizedDecode",
        "qref",
        opsets=(1,),
        inputs=(3, 3),
        outputs=1,
        attributes={},
        function=factorized_decode,
        bound=factorized_decode_bound,
    ),
    Operator(
        "FactorizedConv",
        "qref",
        opsets=(1,),
        inputs=(4, 5),
        outputs=1,
        attributes=CONV,
        function=factorized_conv,
        bound=factorized_conv_bound,
    ),
)
