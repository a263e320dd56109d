"""HashedNets, place by place: xxHash32 of a key, a bucket, a sign; sums over buckets by listing their members."""

from fractions import Fraction
from math import prod
from typing import Any

import xxhash

from independent.attribute_casts import as_type
from independent.extended import real
from independent.refusal import refuse_unless
from independent.schemes.scheme import float32, integers, numbers
from independent.tensors import Tensor


def layer(attributes: dict[str, Any], shape: list[int] | tuple[int, ...], count: int) -> list[tuple[int, int]]:
    """Bucket and sign of each virtual weight in C order."""
    seed, key = attributes.get("seed", 1691), attributes.get("key", "uint32")
    refuse_unless(0 <= seed <= 0xFFFFFFFF and key in ("uint32", "decimal"), "no such seed or key")
    refuse_unless(all(length >= 0 for length in shape), "no such shape")
    inner = prod(shape[1:])
    total = prod(shape)
    refuse_unless(not total or 0 < count <= 0x7FFFFFFF, "no bucket")
    found = []
    for place in range(total):
        i, j = divmod(place, inner)
        if key == "decimal":
            text = "".join(map(str, (i + 1, i + 2, i + 3))) + "_" + "".join(map(str, (j + 1, j + 2, j + 3)))
            bucket = xxhash.xxh32((text + "idxW").encode(), seed).intdigest()
            sign = xxhash.xxh32((text + "xi_W").encode(), seed).intdigest()
        else:
            word = i.to_bytes(4, "little") + j.to_bytes(4, "little")
            bucket = xxhash.xxh32(word, seed).intdigest()
            sign = xxhash.xxh32(word, seed ^ 0xFFFFFFFF).intdigest()
        found.append((bucket % count, 1 if sign % 2 else -1))
    return found


def over_buckets(places: list[tuple[int, int]], x: list[Fraction], count: int) -> list[list[Fraction]]:
    """The signed members of each bucket."""
    found: list[list[Fraction]] = [[] for _ in range(count)]
    for (bucket, sign), value in zip(places, x, strict=True):
        found[bucket].append(sign * value)
    return found


def row(x: Tensor | None) -> list[Fraction]:
    """Real weights."""
    found = numbers(x)
    assert x is not None
    refuse_unless(len(x.shape) == 1, "real weights in a row are wanted")
    return found


def hashed_indices(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    shape = attributes.get("shape")
    refuse_unless(shape is not None, "a shape is wanted")
    assert shape is not None
    places = layer(attributes, shape, attributes.get("buckets", 1))
    return [integers("int32", shape, [b for b, _ in places]), integers("int8", shape, [s for _, s in places])]


def hashed_decode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """The bits of a real weight, the first of them changed where the sign is −1."""
    shape, w = attributes.get("shape"), row(inputs[0])
    refuse_unless(shape is not None, "a shape is wanted")
    assert shape is not None and inputs[0] is not None
    places = layer(attributes, shape, len(w))
    return [Tensor("float32", tuple(shape), [inputs[0].codes[b] ^ (0x80000000 if s < 0 else 0) for b, s in places])]


def hashed_encode(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    W, bits = numbers(inputs[0]), attributes.get("bits", 4)
    assert inputs[0] is not None
    refuse_unless(1 <= bits <= 32, "no such width")
    count = -(-bits * len(W) // 32)
    members = over_buckets(layer(attributes, inputs[0].shape, count), W, count)
    return [float32((count,), [sum(some, Fraction(0)) / max(len(some), 1) for some in members])]


def virtual(attributes: dict[str, Any], w: list[Fraction], M: int, K: int) -> list[list[Fraction]]:
    places = layer(attributes, (M, K), len(w))
    flat = [s * w[b] for b, s in places]
    return [flat[i * K : (i + 1) * K] for i in range(M)]


def matrix(x: Tensor | None) -> list[list[Fraction]]:
    flat = numbers(x)
    assert x is not None
    refuse_unless(len(x.shape) == 2, "a matrix is wanted")
    R, K = x.shape
    return [flat[r * K : (r + 1) * K] for r in range(R)]


def hashed_gemm(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    X, w, M = matrix(inputs[0]), row(inputs[1]), attributes.get("outputs", 1)
    assert inputs[0] is not None
    V = virtual(attributes, w, M, inputs[0].shape[1])
    found = [sum((x * v for x, v in zip(one, line, strict=True)), Fraction(0)) for one in X for line in V]
    return [float32((len(X), M), found)]


def hashed_backward(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    X, w, dY = matrix(inputs[0]), row(inputs[1]), matrix(inputs[2])
    assert inputs[0] is not None and inputs[2] is not None
    refuse_unless(len(X) == len(dY), "a gradient an image is wanted")
    (B, K), M = inputs[0].shape, inputs[2].shape[1]
    V = virtual(attributes, w, M, K)
    dX = [sum((dY[b][i] * V[i][j] for i in range(M)), Fraction(0)) for b in range(B) for j in range(K)]
    dV = [sum((dY[b][i] * X[b][j] for b in range(B)), Fraction(0)) for i in range(M) for j in range(K)]
    members = over_buckets(layer(attributes, (M, K), len(w)), dV, len(w))
    return [float32((B, K), dX), float32((len(w),), [sum(some, Fraction(0)) for some in members])]


def hashed_step(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    w, g = row(inputs[0]), numbers(inputs[1])
    assert inputs[1] is not None
    members = over_buckets(layer(attributes, inputs[1].shape, len(w)), g, len(w))
    eta = real(as_type(Fraction(attributes.get("learning_rate", Fraction(1, 100))), "float32"))
    moved = [x - eta * sum(some, Fraction(0)) for x, some in zip(w, members, strict=True)]
    return [float32((len(w),), moved)]
