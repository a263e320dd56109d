"""HashedIndices, HashedEncode, HashedDecode, HashedGemm, HashedBackward and HashedStep: HashedNets.

qref's own operators (domain "qref", opset 1).
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.hashed import FLOAT32, SEED, Hash, Hashed, HashedWeights, step, sums
from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode, nearest
from qref.numerics.tensor import Tensor
from qref.numerics.whole_numbers import STEP, whole
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import computable, dtype, require
from qref.ops.operator import Attribute, Operator
from qref.quantizers.descent import RATE
from qref.quantizers.weights import finite


def hashed_indices(
    *, shape: Sequence[int] | None = None, buckets: int = 1, seed: int = SEED, key: str = "uint32", opset: int = 1
) -> tuple[Tensor, Tensor]:
    """h(i, j) and ξ(i, j) of every weight: int32 and int8, of `shape`.

    Args:
        shape: of the virtual weights, output channels first. buckets: how many real ones there are. seed: 0 to
        2³² − 1. key: "uint32" or "decimal".

    Raises:
        InvalidInput: no shape or a negative length in it, no bucket where there are weights, another seed or key.
    """
    places, hash = virtual_shape(shape), Hash(seed, key)
    return Tensor("int32", hash.buckets(places, buckets)), Tensor("int8", hash.signs(places))


def virtual_shape(shape: Sequence[int] | None) -> tuple[int, ...]:
    """The shape of the virtual weights, checked."""
    require(shape is not None, "no shape: give that of the virtual weights, output channels first")
    assert shape is not None
    require(all(n >= 0 for n in shape), f"shape {list(shape)} has a negative length")
    computable(shape)
    return tuple(shape)


def hashed_encode(W: Tensor, *, bits: int = 4, seed: int = SEED, key: str = "uint32", opset: int = 1) -> Tensor:
    """The K_w = ⌈bits·N/32⌉ real weights nearest to W, float32: means of ξ·W over their buckets, 0 where one is empty.

    Args:
        W: finite float32, output channels first. bits: of real weights for each virtual one, 1 to 32.

    Raises:
        InvalidInput: another type or width, NaN or infinity, a seed or key that there is not.
    """
    dtype("W", W, ("float32",))
    return Tensor("float32", scheme(bits, seed, key).encode(W.data).weights)


def scheme(bits: int, seed: int, key: str) -> HashedWeights:
    """The scheme of these attributes, checked."""
    require(1 <= bits <= 32, f"bits {bits}: give 1 to 32 for each virtual weight")
    return HashedWeights(Fraction(bits, 32), Hash(seed, key))


def hashed_encode_bound(
    W: Tensor, *, bits: int = 4, seed: int = SEED, key: str = "uint32", opset: int = 1
) -> list[Bound]:
    """That of a mean of signed terms, for each real weight by those that share it."""
    y, hash = hashed_encode(W, bits=bits, seed=seed, key=key), Hash(seed, key)
    counts, M = _over_buckets(np.abs(decode(W)), W.shape, y.data.size, hash)
    found = bound.of_dot(y, counts + 2, M / np.maximum(counts, 1))
    return [bound.may_overflow(found, M)]


def _over_buckets(
    x: NDArray[np.float64], shape: tuple[int, ...], count: int, hash: Hash
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """How many weights share each bucket, and the sums of their x ≥ 0, in float64, a little above."""
    places = hash.buckets(shape, count).reshape(-1)
    counts = np.bincount(places, minlength=count).astype(np.int64)
    totals = np.bincount(places, weights=x.reshape(-1), minlength=count)
    return counts, np.asarray(totals * (1 + 2.0**-20), np.float64)


def hashed_decode(
    w: Tensor, *, shape: Sequence[int] | None = None, seed: int = SEED, key: str = "uint32", opset: int = 1
) -> Tensor:
    """V_ij = ξ(i, j)·w[h(i, j)], exact, float32 of `shape`.

    Args:
        w: real weights, finite float32 [K_w]. shape: of the virtual weights, output channels first.

    Raises:
        InvalidInput: other types or ranks, no real weight where there are virtual ones, NaN or infinity, a seed or key
        that there is not.
    """
    return Tensor("float32", layer(w, shape, seed, key).decode())


def layer(w: Tensor, shape: Sequence[int] | None, seed: int, key: str) -> Hashed:
    """Real weights and the shape of the virtual ones, checked."""
    virtual, hash = virtual_shape(shape), Hash(seed, key)
    dtype("w", w, ("float32",))
    require(len(w.shape) == 1, f"w has shape {list(w.shape)}: give real weights in a row")
    require(0 in virtual or w.data.size > 0, f"no real weights for virtual ones of shape {list(virtual)}")
    return Hashed(virtual, finite("w", w.data), hash)


def hashed_gemm(
    X: Tensor, w: Tensor, *, outputs: int = 1, seed: int = SEED, key: str = "uint32", opset: int = 1
) -> Tensor:
    """Y = X·Vᵀ, y_bi = Σ_j ξ(i, j)·w[h(i, j)]·x_bj: each sum exact, rounded once.

    Args:
        X: activations, finite float32 [B, K]. w: real weights, finite float32 [K_w]. outputs: M.

    Raises:
        InvalidInput: as `hashed_decode`, X of another type or rank, a negative number of outputs.
    """
    encoded = layer_of(X, w, outputs, seed, key)
    return Tensor("float32", dot(decode(X), _wide(encoded).T, FLOAT32).astype(np.float32))


def layer_of(X: Tensor, w: Tensor, outputs: int, seed: int, key: str) -> Hashed:
    """The layer that takes X, checked, and X as well."""
    dtype("X", X, ("float32",))
    require(len(X.shape) == 2, f"X has shape {list(X.shape)}: give [batch, inputs]")
    finite("X", X.data)
    computable((X.shape[0], outputs))
    return layer(w, (outputs, X.shape[1]), seed, key)


def _wide(encoded: Hashed) -> NDArray[np.float64]:
    return encoded.decode().astype(np.float64)


def hashed_gemm_bound(
    X: Tensor, w: Tensor, *, outputs: int = 1, seed: int = SEED, key: str = "uint32", opset: int = 1
) -> list[Bound]:
    """That of a dot product of K terms."""
    x, V = decode(X), _wide(layer_of(X, w, outputs, seed, key))
    y = hashed_gemm(X, w, outputs=outputs, seed=seed, key=key)
    flushed = bound.subnormal_products(x, V.T, FLOAT32)
    return [bound.of_dot(y, X.shape[1] + 1, bound.magnitude(x, V.T), flushed=flushed)]


def hashed_backward(
    X: Tensor, w: Tensor, dY: Tensor, *, seed: int = SEED, key: str = "uint32", opset: int = 1
) -> tuple[Tensor, Tensor]:
    """∂L/∂X = dY·V, and ∂L/∂w_k = Σ ξ(i, j)·Σ_b dy_bi·x_bj over h(i, j) = k: each sum exact, rounded once.

    Args:
        X, w: those of `hashed_gemm`. dY: ∂L/∂Y, finite float32 [B, M].

    Raises:
        InvalidInput: as `hashed_gemm`, dY of another shape.
    """
    encoded = layer_between(X, w, dY, seed, key)
    dX = dot(decode(dY), _wide(encoded), FLOAT32).astype(np.float32)
    products = whole(dY.data.T) @ whole(X.data) if X.shape[0] else np.zeros(encoded.shape, object)
    totals = sums(products, encoded.shape, w.data.size, encoded.hash)
    dw = [nearest(total * STEP * STEP, FLOAT32) for total in totals]
    return Tensor("float32", dX), Tensor("float32", np.array(dw, np.float32))


def layer_between(X: Tensor, w: Tensor, dY: Tensor, seed: int, key: str) -> Hashed:
    """The layer from X to dY, checked, and both as well."""
    dtype("dY", dY, ("float32",))
    require(
        len(dY.shape) == 2 and dY.shape[:1] == X.shape[:1],
        f"dY has shape {list(dY.shape)}: give [batch, outputs], the batch of X {list(X.shape)}",
    )
    finite("dY", dY.data)
    return layer_of(X, w, dY.shape[1], seed, key)


def hashed_backward_bound(
    X: Tensor, w: Tensor, dY: Tensor, *, seed: int = SEED, key: str = "uint32", opset: int = 1
) -> list[Bound]:
    """Those of dot products: of M terms for X, of batch times members of the bucket for w."""
    x, d, V = decode(X), decode(dY), _wide(layer_between(X, w, dY, seed, key))
    dX, dw = hashed_backward(X, w, dY, seed=seed, key=key)
    of_x = bound.of_dot(dX, d.shape[1] + 1, bound.magnitude(d, V), flushed=bound.subnormal_products(d, V, FLOAT32))
    counts, M = _over_buckets(bound.magnitude(d.T, x), V.shape, w.data.size, Hash(seed, key))
    return [of_x, bound.of_dot(dw, d.shape[0] * counts + 1, M)]


def hashed_step(
    w: Tensor,
    g: Tensor,
    *,
    seed: int = SEED,
    key: str = "uint32",
    learning_rate: float = RATE,
    opset: int = 1,
) -> Tensor:
    """w'_k = w_k − η Σ ξ(i, j)·g_ij over h(i, j) = k, rounded once.

    Args:
        w: real weights, finite float32 [K_w]. g: ∂L/∂V of the virtual ones, finite float32, output channels first.
        learning_rate: η.

    Raises:
        InvalidInput: as `hashed_decode`.
    """
    dtype("g", g, ("float32",))
    found = layer(w, g.shape, seed, key)
    return Tensor("float32", step(found.weights, g.data, learning_rate, found.hash))


def hashed_step_bound(
    w: Tensor,
    g: Tensor,
    *,
    seed: int = SEED,
    key: str = "uint32",
    learning_rate: float = RATE,
    opset: int = 1,
) -> list[Bound]:
    """That of the sum over a bucket, its product with η and the difference."""
    y = hashed_step(w, g, seed=seed, key=key, learning_rate=learning_rate)
    counts, M = _over_buckets(np.abs(decode(g)), g.shape, w.data.size, Hash(seed, key))
    found = bound.of_dot(y, counts + 3, np.abs(decode(w)) + abs(learning_rate) * M)
    return [bound.may_overflow(found, M)]


HASH = {"seed": Attribute("int", SEED), "key": Attribute("string", "uint32")}

OPERATORS = (
    Operator(
        "HashedIndices",
        "qref",
        opsets=(1,),
        inputs=(0, 0),
        outputs=2,
        attributes={"shape": Attribute("ints"), "buckets": Attribute("int", 1), **HASH},
        function=hashed_indices,
    ),
    Operator(
        "HashedEncode",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes={"bits": Attribute("int", 4), **HASH},
        function=hashed_encode,
        bound=hashed_encode_bound,
    ),
    Operator(
        "HashedDecode",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes={"shape": Attribute("ints"), **HASH},
        function=hashed_decode,
    ),
    Operator(
        "HashedGemm",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=1,
        attributes={"outputs": Attribute("int", 1), **HASH},
        function=hashed_gemm,
        bound=hashed_gemm_bound,
    ),
    Operator(
        "HashedBackward",
        "qref",
        opsets=(1,),
        inputs=(3, 3),
        outputs=2,
        attributes=HASH,
        function=hashed_backward,
        bound=hashed_backward_bound,
    ),
    Operator(
        "HashedStep",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=1,
        attributes={**HASH, "learning_rate": Attribute("float", RATE)},
        function=hashed_step,
        bound=hashed_step_bound,
    ),
)
