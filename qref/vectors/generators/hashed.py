"""Cases of HashedIndices, HashedEncode, HashedDecode, HashedGemm, HashedBackward and HashedStep."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

HASH, BUCKET, DECIMAL, SIGN = "QREF-HN-001", "QREF-HN-002", "QREF-HN-003", "QREF-HN-004"
VIRTUAL, PRODUCT, GRADIENT, MEAN, STEP = "QREF-HN-005", "QREF-HN-006", "QREF-HN-007", "QREF-HN-008", "QREF-HN-009"
SEEDS = (0, 1691, 2**32 - 1)


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from indices(suite)
    yield from decoded(suite)
    yield from encoded(suite)
    yield from products(suite)
    yield from gradients(suite)
    yield from steps(suite)
    yield from errors(suite)


def float32(x: ArrayLike) -> Tensor:
    return tensor(np.asarray(x, np.float32), "float32")


def indices(suite: str) -> Iterator[Case]:
    """Buckets and signs of every place."""
    requirements = (HASH, BUCKET, SIGN)

    def case(slug: str, shape: Sequence[int], flags: tuple[str, ...], comment: str, **given: Any) -> Case:
        request = ask("HashedIndices", 1, (), {"shape": list(shape), **given}, "qref")
        wanted = (*requirements, DECIMAL) if given.get("key") == "decimal" else requirements
        return judged(suite, slug, request, wanted, flags, comment)

    for seed in SEEDS:
        for count in (7, 64, 1000):
            flags = ("hash-bucket", "hash-sign", *(("hash-seed",) if seed != 1691 else ()))
            yield case("random", (6, 10), flags, f"{count} buckets, seed {seed}", buckets=count, seed=seed)
    yield case(
        "kernel", (3, 2, 3, 3), ("hash-bucket", "hash-kernel"), "a kernel: j counts channels and taps", buckets=9
    )
    yield case("wide", (1, 300), ("hash-bucket", "long-row"), "j beyond a byte", buckets=11)
    yield case("high", (300, 2), ("hash-bucket", "long-row"), "i beyond a byte", buckets=11)
    for count in (1, 2, 2**16 + 1, 2**31 - 1):
        yield case("counts", (4, 5), ("hash-bucket",), f"{count} buckets", buckets=count)
    for shape in ((3, 12), (101, 2), (2, 103)):
        yield case("decimal", shape, ("decimal-key",), "the authors' keys", buckets=50, key="decimal")
    yield case("decimal", (2, 5), ("decimal-key", "hash-seed"), "another seed", buckets=6, seed=3, key="decimal")
    small: dict[str, tuple[int, ...]] = {"rank 1: each weight a channel": (5,), "rank 0": (), "one weight": (1, 1)}
    for comment, place in small.items():
        yield case("small", place, ("one-element",), comment, buckets=4)
    yield case("empty", (2, 0), ("zero-size",), "no weights need no bucket", buckets=0)


def decoded(suite: str) -> Iterator[Case]:
    """Real weights to virtual ones."""
    draw = Draw("hashed decode")

    def case(slug: str, w: ArrayLike, shape: Sequence[int], flags: tuple[str, ...], comment: str, **given: Any) -> Case:
        request = ask("HashedDecode", 1, (float32(w),), {"shape": list(shape), **given}, "qref")
        return judged(
            suite, slug, request, (BUCKET, SIGN, VIRTUAL), flags, comment, signed_zero="sign-of-zero" in flags
        )

    for shape, count in (((4, 9), 5), ((8, 8), 16), ((3, 4, 2, 2), 7)):
        for seed in SEEDS:
            flags = ("hash-bucket", "hash-sign", *(("hash-seed",) if seed != 1691 else ()))
            w = draw.signed_float32(-6, 2, (count,))
            yield case("random", w, shape, flags, f"weights {list(shape)} of {count}, seed {seed}", seed=seed)
    yield case(
        "decimal", draw.signed_float32(-6, 2, (6,)), (3, 5), ("decimal-key",), "the authors' keys", key="decimal"
    )
    yield case("one", [2.5], (2, 3), ("hash-sign",), "one real weight: signs alone differ")
    yield case("zero", [0.0, -0.0], (2, 4), ("sign-of-zero", "hash-sign"), "zeros take the sign too")
    yield case("zero", [-0.0], (3, 5), ("sign-of-zero", "hash-sign"), "−0 becomes +0 where the sign is −1")
    yield case("ends", [3e38, 1e-45, -1e-40], (3, 3), ("subnormal",), "the largest and the smallest numbers")
    yield case("small", [1.5, -2.0], (), ("one-element",), "rank 0")
    yield case("small", [1.5, -2.0], (3,), ("one-element",), "rank 1")
    yield case("empty", [], (0, 3), ("zero-size",), "no weights at all")


def encoded(suite: str) -> Iterator[Case]:
    """Trained weights to real ones."""
    draw = Draw("hashed encode")

    def case(slug: str, W: ArrayLike, flags: tuple[str, ...], comment: str, **given: Any) -> Case:
        return judged(suite, slug, ask("HashedEncode", 1, (float32(W),), given, "qref"), (BUCKET, MEAN), flags, comment)

    for bits in (1, 2, 4, 8, 16, 32):
        W = draw.signed_float32(-6, 0, (6, 12))
        yield case("random", W, ("shared-mean", "hash-sign"), f"{bits} bits of real weights for each", bits=bits)
    for seed in (0, 77):
        W = draw.signed_float32(-2, 0, (4, 3, 2, 2))
        yield case("kernel", W, ("shared-mean", "hash-kernel", "hash-seed"), f"a kernel, seed {seed}", seed=seed)
    yield case("decimal", draw.signed_float32(-2, 0, (4, 9)), ("decimal-key",), "the authors' keys", key="decimal")
    yield case("equal", np.ones((4, 8)), ("shared-mean", "hash-sign"), "equal weights: the mean of signs")
    cancels = np.where(np.arange(24).reshape(3, 8) % 2, 1e30, -1e30)
    yield case("cancelling", cancels, ("shared-mean", "cancellation"), "large weights of both signs", bits=2)
    few = draw.signed_float32(-2, 0, (1, 8))
    yield case("own", few, ("shared-mean",), "as many buckets as weights: some hold none, and 0", bits=32)
    yield case("tiny", np.ldexp(few, -140), ("subnormal",), "subnormal weights", bits=8)
    yield case("small", np.float32(-3.0), ("one-element",), "rank 0: one weight, one bucket")
    yield case("small", [1.0, 2.0, -4.0], ("one-element",), "rank 1")
    yield case("empty", np.zeros((2, 0)), ("zero-size",), "no weights, no real ones")


def products(suite: str) -> Iterator[Case]:
    """A fully-connected layer of virtual weights."""
    draw = Draw("hashed gemm")

    def case(slug: str, X: ArrayLike, w: ArrayLike, flags: tuple[str, ...], comment: str, **given: Any) -> Case:
        request = ask("HashedGemm", 1, (float32(X), float32(w)), given, "qref")
        return judged(suite, slug, request, (BUCKET, SIGN, VIRTUAL, PRODUCT), flags, comment)

    for batch, inputs, outputs, count in ((1, 8, 4, 6), (3, 17, 5, 9), (2, 40, 3, 120), (4, 33, 7, 1)):
        X, w = draw.signed_float32(-3, 1, (batch, inputs)), draw.signed_float32(-4, 0, (count,))
        comment = f"{batch} × {inputs} → {outputs}, {count} real weights"
        yield case("random", X, w, ("hash-bucket", "hash-sign"), comment, outputs=outputs)
    X, w = draw.signed_float32(-3, 1, (2, 9)), draw.signed_float32(-4, 0, (5,))
    yield case("seed", X, w, ("hash-seed",), "another seed", outputs=4, seed=12345)
    yield case("decimal", X, w, ("decimal-key",), "the authors' keys", outputs=4, key="decimal")
    whole = draw.integers(-4, 4, (2, 12))
    yield case("whole", whole, draw.integers(-3, 3, (7,)), ("whole-numbers", "hash-sign"), "integers", outputs=6)
    long, w = draw.signed_float32(-3, 1, (1, 1100)), draw.signed_float32(-4, 0, (30,))
    yield case("long", long, w, ("long-sum", "long-row"), "more inputs than a block of 1024", outputs=2)
    yield case("empty", np.zeros((2, 0)), [], ("zero-size",), "no inputs: sums of nothing", outputs=3)
    yield case("empty", np.zeros((0, 3)), [1.0], ("zero-size",), "no images", outputs=2)
    yield case("empty", np.ones((2, 3)), [], ("zero-size",), "no outputs", outputs=0)


def gradients(suite: str) -> Iterator[Case]:
    """∂L/∂Y → ∂L/∂X and ∂L/∂w."""
    draw = Draw("hashed backward")

    def case(slug: str, inputs: Sequence[ArrayLike], flags: tuple[str, ...], comment: str, **given: Any) -> Case:
        request = ask("HashedBackward", 1, tuple(float32(x) for x in inputs), given, "qref")
        return judged(suite, slug, request, (BUCKET, SIGN, GRADIENT), flags, comment)

    def operands(batch: int, inputs: int, outputs: int, count: int) -> tuple[ArrayLike, ...]:
        shapes = (batch, inputs), (count,), (batch, outputs)
        return tuple(draw.signed_float32(-3, 1, shape) for shape in shapes)

    for sizes in ((1, 6, 4, 5), (3, 11, 5, 8), (2, 20, 3, 2)):
        comment = f"batch, inputs, outputs, real weights: {sizes}"
        yield case("random", operands(*sizes), ("shared-gradient", "hash-sign"), comment)
    yield case("seed", operands(2, 7, 3, 4), ("shared-gradient", "hash-seed"), "another seed", seed=99)
    yield case("decimal", operands(2, 5, 3, 4), ("shared-gradient", "decimal-key"), "the authors' keys", key="decimal")
    one = np.ones((1, 4)), [2.0], np.ones((1, 3))
    yield case("one", one, ("shared-gradient", "hash-sign"), "one real weight: the sum of signs")
    yield case("unused", operands(1, 1, 2, 9), ("shared-gradient",), "buckets without weights have gradient 0")
    yield case("empty", operands(0, 3, 2, 2), ("zero-size",), "no images: gradients are 0")
    yield case("empty", operands(2, 0, 3, 2), ("zero-size",), "no inputs")


def steps(suite: str) -> Iterator[Case]:
    """Real weights and ∂L/∂V → real weights."""
    draw = Draw("hashed step")

    def case(slug: str, w: ArrayLike, g: ArrayLike, flags: tuple[str, ...], comment: str, **given: Any) -> Case:
        request = ask("HashedStep", 1, (float32(w), float32(g)), given, "qref")
        return judged(suite, slug, request, (GRADIENT, STEP), flags, comment)

    for rate in (0.01, 0.5, -1.0):
        w, g = draw.signed_float32(-3, 0, (5,)), draw.signed_float32(-4, 1, (4, 7))
        yield case("random", w, g, ("update", "shared-gradient"), f"learning rate {rate}", learning_rate=rate)
    w, g = draw.signed_float32(-3, 0, (4,)), draw.signed_float32(-4, 1, (3, 2, 2, 2))
    yield case("kernel", w, g, ("update", "hash-kernel", "hash-seed"), "a kernel, seed 5", seed=5)
    yield case("decimal", w, g, ("update", "decimal-key"), "the authors' keys", key="decimal")
    yield case("rate", w, g, ("update",), "learning rate 0: nothing moves", learning_rate=0.0)
    yield case("empty", w, np.zeros((0, 2)), ("zero-size",), "no virtual weights: nothing moves")


def errors(suite: str) -> Iterator[Case]:
    """What is refused."""
    two, nan = float32([1.0, 2.0]), float32([1.0, np.nan])
    rows, three = float32([[1.0, 2.0]]), float32([[1.0, 2.0, 3.0]])

    def asked(op: str, inputs: tuple[Tensor, ...], **given: Any) -> Request:
        return ask(op, 1, inputs, given, "qref")

    for request, requirement, comment in (
        (asked("HashedIndices", (), buckets=3), BUCKET, "no shape"),
        (asked("HashedIndices", (), shape=[2, -1], buckets=3), BUCKET, "a negative length"),
        (asked("HashedIndices", (), shape=[2, 3], buckets=0), BUCKET, "no buckets for six weights"),
        (asked("HashedIndices", (), shape=[2, 3], buckets=2**31), BUCKET, "buckets beyond int32"),
        (asked("HashedIndices", (), shape=[2, 3], buckets=3, seed=-1), HASH, "a negative seed"),
        (asked("HashedIndices", (), shape=[2, 3], buckets=3, seed=2**32), HASH, "a seed of 33 bits"),
        (asked("HashedIndices", (), shape=[2, 3], buckets=3, key="hex"), DECIMAL, "a key that there is not"),
        (asked("HashedDecode", (float32([]),), shape=[1, 2]), VIRTUAL, "no real weight for two"),
        (asked("HashedDecode", (rows,), shape=[1, 2]), VIRTUAL, "real weights of rank 2"),
        (asked("HashedDecode", (nan,), shape=[1, 2]), "QREF-QZ-001", "NaN among the real weights"),
        (asked("HashedEncode", (rows,), bits=0), MEAN, "0 bits"),
        (asked("HashedEncode", (rows,), bits=33), MEAN, "33 bits"),
        (asked("HashedEncode", (float32([[np.inf]]),)), "QREF-QZ-001", "infinity among the weights"),
        (asked("HashedGemm", (two, two)), PRODUCT, "activations of rank 1"),
        (asked("HashedGemm", (rows, two), outputs=-1), PRODUCT, "−1 outputs"),
        (asked("HashedBackward", (rows, two, float32([[1.0], [2.0]]))), GRADIENT, "two gradients of one image"),
        (asked("HashedBackward", (three, two, nan)), GRADIENT, "a gradient of rank 1"),
        (asked("HashedStep", (float32([]), rows)), STEP, "no real weight to move"),
    ):
        yield refused(suite, "refused", request, (requirement,), ("error",), comment)
