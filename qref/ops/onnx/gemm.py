"""Gemm: Y = alpha·A'·B' + beta·C.

ONNX Gemm-13: "A' = transpose(A) if transA else A", "tensor C should be unidirectional broadcastable to tensor A * B".
For floats the text leaves the order of the operations open; here it is the exact value, rounded once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qref.errors import NotFixed
from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.formats import Integer, integer
from qref.numerics.tensor import Tensor, tensor
from qref.ops.bound import ARITHMETIC, Bound, magnitude, of_dot, subnormal_products
from qref.ops.check import dtype, require, same_dtype
from qref.ops.onnx.float_types import INTEGERS, listed, numbers
from qref.ops.operator import Attribute, Operator

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scaled:
    """Gemm as a dot product: a = alpha·A' [M, K], b = B' [K, N], c = beta·C or None, exact in float64.

    `scalings` counts the factors that are not 1.
    """

    a: Array
    b: Array
    c: Array | None
    scalings: int


def gemm(
    A: Tensor,
    B: Tensor,
    C: Tensor | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    broadcast: int = 0,
    transA: int = 0,
    transB: int = 0,
    opset: int = 13,
) -> Tensor:
    """Y = alpha·A'·B' + beta·C [M, N], each element rounded once, of A's type.

    Args:
        A: [M, K], or [K, M] with transA. B: [K, N], or [N, K] with transB. C: of a shape that broadcasts to [M, N];
            absent (from opset 11) as if 0. Types as MatMul's.
        broadcast: before opset 7, whether C may be of another shape than [M, N].

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: integers with a fractional factor, or that leave their type.
        Unsupported: float64.
    """
    check(A, B, C, transA, transB, broadcast, opset)
    if isinstance(A.format, Integer):
        return of_integers(A, B, C, alpha, beta, transA, transB)
    given = scaled(A, B, C, alpha, beta, transA, transB, opset)
    return encode(dot(given.a, given.b, float_format(A.dtype), given.c), A.dtype)


def check(A: Tensor, B: Tensor, C: Tensor | None, transA: int, transB: int, broadcast: int, opset: int) -> None:
    """Raises InvalidInput for types and shapes that the text rejects."""
    dtype("A", A, listed(opset, (9, INTEGERS), (13, ["bfloat16"])))
    same_dtype("B", B, "A", A)
    require(
        len(A.shape) == 2 and len(B.shape) == 2, f"A and B have rank {len(A.shape)} and {len(B.shape)}: give matrices"
    )
    (M, K), (inner, N) = transposed(A.shape, transA), transposed(B.shape, transB)
    require(inner == K, f"A' is [{M}, {K}] and B' [{inner}, {N}]: the inner lengths must be the same")
    require(C is not None or opset >= 11, f"C is absent: Gemm-{opset} has no default for it")
    if C is None:
        return
    same_dtype("C", C, "A", A)
    if opset < 7 and not broadcast:
        require(C.shape == (M, N), f"C has shape {list(C.shape)}: without `broadcast` give [{M}, {N}]")
    require(
        len(C.shape) <= 2 and all(c in (1, y) for c, y in zip(C.shape[::-1], (N, M))),
        f"C has shape {list(C.shape)}: give one that broadcasts to [{M}, {N}]",
    )


def transposed(shape: tuple[int, ...], trans: int) -> tuple[int, ...]:
    """The shape of A' or B'."""
    return shape[::-1] if trans else shape


def scaled(
    A: Tensor, B: Tensor, C: Tensor | None, alpha: float, beta: float, transA: int, transB: int, opset: int
) -> Scaled:
    """The operands, transposed and scaled: products of two float32 numbers are exact in float64."""
    a, b = numbers("A", A, listed(opset, (13, ["bfloat16"]))), decode(B)
    scalings = int(alpha != 1) + int(C is not None and beta != 1)
    with np.errstate(invalid="ignore"):  # 0 · ∞ is NaN here as well
        a, c = alpha * (a.T if transA else a), None if C is None else beta * decode(C)
    return Scaled(a, b.T if transB else b, c, scalings)


def of_integers(A: Tensor, B: Tensor, C: Tensor | None, alpha: float, beta: float, transA: int, transB: int) -> Tensor:
    """Gemm of integers by whole factors, which stays inside the type."""
    if not (alpha.is_integer() and beta.is_integer()):
        raise NotFixed(f"alpha {alpha} and beta {beta} with {A.dtype}: no text says how fractions become integers")
    a, b = A.data.astype(object), B.data.astype(object)
    y = int(alpha) * np.matmul(a.T if transA else a, b.T if transB else b)
    if C is not None:
        y = y + int(beta) * C.data.astype(object)
    format = integer(A.dtype)
    if any(not format.lowest <= int(v) <= format.highest for v in y.ravel()):
        raise NotFixed(f"a result leaves {A.dtype}: no text says what becomes of it")
    return tensor(y.astype(format.storage), A.dtype)


def gemm_bound(
    A: Tensor,
    B: Tensor,
    C: Tensor | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    broadcast: int = 0,
    transA: int = 0,
    transB: int = 0,
    opset: int = 13,
) -> list[Bound] | None:
    """The tolerance of a dot product of K products, C, and the factors that are not 1; None for integers."""
    y = gemm(A, B, C, alpha=alpha, beta=beta, broadcast=broadcast, transA=transA, transB=transB, opset=opset)
    if isinstance(A.format, Integer):
        return None
    given = scaled(A, B, C, alpha, beta, transA, transB, opset)
    K, format = given.a.shape[1], float_format(A.dtype)
    terms = K + (C is not None) + given.scalings + 1
    # operands and products are flushed before they are multiplied by alpha, C before beta
    a = decode(A).T if transA else decode(A)
    steps = terms * ARITHMETIC.smallest_normal
    flushed = abs(alpha) * (subnormal_products(a, given.b, format) + steps)
    if C is not None:
        flushed = flushed + abs(beta) * np.where(np.abs(decode(C)) < format.smallest_normal, np.abs(decode(C)), 0.0)
    return [of_dot(y, terms, magnitude(given.a, given.b, given.c), flushed=flushed)]


GEMM = Operator(
    "Gemm",
    "",
    opsets=(1, 6, 7, 9, 11, 13),
    inputs=(2, 3),
    outputs=1,
    attributes={
        "alpha": Attribute("float", 1.0),
        "beta": Attribute("float", 1.0),
        "broadcast": Attribute("int", 0, until=7),
        "transA": Attribute("int", 0),
        "transB": Attribute("int", 0),
    },
    function=gemm,
    bound=gemm_bound,
)
