"""What mistakes in HashedNets share: a layer's answers from other buckets and signs."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.hashed import SEED, Hash
from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import M as WORDS
from qref.ops.request import Request
from qref.quantizers.descent import RATE
from qref.quantizers.granularity import matrix

OPERATORS = ("HashedIndices", "HashedDecode", "HashedEncode", "HashedGemm", "HashedBackward", "HashedStep")

Words = NDArray[Any]
Indices = tuple[NDArray[np.int32], NDArray[np.int8]]
# i [M, 1], j [1, K], K_w, seed → buckets and signs [M, K]
Rule = Callable[[Words, Words, int, int], Indices]


def by_rule(request: Request, rule: Rule, operators: tuple[str, ...] = OPERATORS) -> list[Tensor]:
    """What an engine answers that has this rule for keys of eight bytes."""
    check(request, operators)
    if request.attributes.get("key", "uint32") != "uint32":
        raise Unsupported("keys of decimal digits are hashed elsewhere")
    shape, count = _layer(request)
    M, K = matrix(shape)
    if not M * K:
        raise Unsupported("no virtual weights")
    i, j = np.arange(M, dtype=np.uint64)[:, None], np.arange(K, dtype=np.uint64)[None]
    buckets, signs = rule(i, j, count, request.attributes.get("seed", SEED))
    return answered(request, (buckets.astype(np.int32).reshape(shape), signs.astype(np.int8).reshape(shape)), count)


def indices(request: Request) -> tuple[Indices, int]:
    """The right buckets and signs of a request, and K_w."""
    shape, count = _layer(request)
    hash = Hash(request.attributes.get("seed", SEED), request.attributes.get("key", "uint32"))
    return (hash.buckets(shape, count), hash.signs(shape)), count


def second(seed: int) -> int:
    """The seed of the signs."""
    return WORDS - 1 - seed


def _layer(request: Request) -> tuple[tuple[int, ...], int]:
    """The shape of the virtual weights, and K_w."""
    given = request.attributes
    first, *rest = (x.shape for x in request.inputs if x is not None) if request.inputs else [()]
    if request.op == "HashedIndices":
        return tuple(given["shape"]), given.get("buckets", 1)
    if request.op == "HashedDecode":
        return tuple(given["shape"]), first[0]
    if request.op == "HashedEncode":
        return first, -(-given.get("bits", 4) * int(np.prod(first)) // 32)
    if request.op == "HashedGemm":
        return (given.get("outputs", 1), first[1]), rest[0][0]
    if request.op == "HashedBackward":
        return (rest[1][1], first[1]), rest[0][0]
    return rest[0], first[0]


def answered(request: Request, found: Indices, count: int) -> list[Tensor]:
    """The answer to a request from buckets and signs, sums in float64."""
    buckets, signs = found
    inputs = [x.data.astype(np.float64) for x in request.inputs if x is not None]
    if request.op == "HashedIndices":
        return [Tensor("int32", buckets), Tensor("int8", signs)]
    if request.op == "HashedDecode":
        return [Tensor("float32", (inputs[0][buckets] * signs).astype(np.float32))]
    if request.op == "HashedEncode":
        members = np.bincount(buckets.reshape(-1), minlength=count)
        return [_float32(shared(inputs[0], found, count) / np.maximum(members, 1))]
    if request.op == "HashedGemm":
        X, w = inputs
        return [_float32(X @ (w[buckets] * signs).T)]
    if request.op == "HashedBackward":
        X, w, dY = inputs
        return [_float32(dY @ (w[buckets] * signs)), _float32(shared(dY.T @ X, found, count))]
    w, g = inputs
    return [_float32(w - request.attributes.get("learning_rate", RATE) * shared(g, found, count))]


def shared(x: NDArray[np.float64], found: Indices, count: int) -> NDArray[np.float64]:
    """Σ ξ·x over each bucket."""
    buckets, signs = found
    totals = np.bincount(buckets.reshape(-1), weights=(x * signs).reshape(-1), minlength=count)
    return np.asarray(totals, np.float64)


def _float32(x: NDArray[np.float64]) -> Tensor:
    return Tensor("float32", x.astype(np.float32))
