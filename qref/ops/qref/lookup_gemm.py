"""LookupGemm: a fully-connected layer whose weights are sub-vectors, by pre-computed tables.

qref's own operator (domain "qref", opset 1).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound, magnitude, of_dot, subnormal_products
from qref.ops.check import computable, dtype, require
from qref.ops.operator import Attribute, Operator
from qref.ops.qref.subvectors import subvector_decode

Array = NDArray[np.float64]
Sums = Callable[[NDArray[np.float32], NDArray[np.uint8], NDArray[np.float32], int], NDArray[np.float32]]
"""(x [N, L], codes [R, S], codebooks [V, L], d) → sums [N, R]."""


def lookup_gemm(
    X: Tensor, codes: Tensor, codebooks: Tensor, B: Tensor | None = None, *, length: int = 1, opset: int = 1
) -> Tensor:
    """Y[n, m] = Σ_l X[n, l]·W'[m, l] + B[m], each the exact sum, rounded once: what tables give, whatever the order.

    Args:
        X: finite float32 [N, L]. codes: uint8 [M, S], S = ⌈L/length⌉. codebooks: finite float32 [V, L]. B: float32 [M],
        finite. length: of a sub-vector.

    Raises:
        InvalidInput: other types or shapes, a code from V on, NaN or infinity.
    """
    x, w, b = operands(X, codes, codebooks, B, length)
    return encode(dot(x, w.T, float_format("float32"), b), "float32")


def operands(
    X: Tensor, codes: Tensor, codebooks: Tensor, B: Tensor | None, length: int
) -> tuple[Array, Array, Array | None]:
    """X, W' and B, checked."""
    numbers("X", X)
    require(len(X.shape) == 2, f"X has shape {list(X.shape)}: give [N, L]")
    require(len(codes.shape) == 2, f"codes {list(codes.shape)}: give [M, S]")
    shape = [codes.shape[0], X.shape[1]]
    W = subvector_decode(codes, codebooks, shape=shape, length=length, layout="rows")
    bias(B, shape[0])
    computable((X.shape[0], shape[0]))
    return decode(X), decode(W), None if B is None else decode(B)


def numbers(name: str, x: Tensor) -> None:
    """Raises InvalidInput for a tensor that is not of finite float32 numbers."""
    dtype(name, x, ("float32",))
    require(bool(np.isfinite(x.data).all()), f"{name} holds NaN or infinity: give finite numbers")


def bias(B: Tensor | None, M: int) -> None:
    """Raises InvalidInput for a bias that is not M finite numbers."""
    if B is not None:
        numbers("B", B)
        require(B.shape == (M,), f"B has shape {list(B.shape)}: give [{M}], one number an output")


def lookup_gemm_bound(
    X: Tensor, codes: Tensor, codebooks: Tensor, B: Tensor | None = None, *, length: int = 1, opset: int = 1
) -> list[Bound]:
    """That of a dot product of L products and the bias: it holds for two stages, products to tables, tables to sums."""
    y = lookup_gemm(X, codes, codebooks, B, length=length)
    x, w, b = operands(X, codes, codebooks, B, length)
    terms = x.shape[1] + (B is not None) + 1
    flushed = subnormal_products(x, w.T, float_format("float32"))
    return [of_dot(y, terms, magnitude(x, w.T, b), flushed=flushed)]


def by_sums(
    sums: Sums, X: Tensor, codes: Tensor, codebooks: Tensor, B: Tensor | None = None, *, length: int = 1, opset: int = 1
) -> Tensor:
    """The same for fast paths: checked, then `sums`, then the bias."""
    operands(X, codes, codebooks, B, length)
    y = sums(X.data, codes.data, codebooks.data, length)
    return Tensor("float32", y if B is None else y + B.data)


OPERATORS = (
    Operator(
        "LookupGemm",
        "qref",
        opsets=(1,),
        inputs=(3, 4),
        outputs=1,
        attributes={"length": Attribute("int", 1)},
        function=lookup_gemm,
        bound=lookup_gemm_bound,
    ),
)
