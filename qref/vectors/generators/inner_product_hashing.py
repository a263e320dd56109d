"""Cases of InnerProductHashing: signs and scales chosen by what a layer is fed with."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.numerics.tensor import tensor
from qref.quantizers.inner_product_hashing import margin
from qref.vectors.case import Case
from qref.vectors.generators.builder import LEAST_MARGIN, ask, judged, refused
from qref.vectors.generators.draw import Draw

START, SIGN, TIE, SCALE, STOP, INPUTS = (f"QREF-HA-00{n}" for n in range(1, 7))
Pair = tuple[NDArray[np.float32], NDArray[np.float32]]


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("inner-product-hashing")

    def case(slug: str, W: ArrayLike, X: ArrayLike, flags: tuple[str, ...], comment: str) -> Case:
        inputs = tensor(np.asarray(W), "float32"), tensor(np.asarray(X), "float32")
        ids = (START, SIGN, TIE, SCALE, STOP)
        return judged(suite, slug, ask("InnerProductHashing", 1, inputs, domain="qref"), ids, flags, comment)

    for shape, samples in (
        ((3, 5), 8),
        ((2, 8), 4),
        ((4, 6), 20),
        ((2, 3, 2, 2), 16),
        ((3, 2, 3), 9),
        ((1, 12), 12),
        ((5, 1), 3),
        ((6,), 2),
    ):
        for kind, words in (
            ("any", "inputs of either sign"),
            ("rectified", "inputs after a ReLU: half of them zero"),
            ("alike", "inputs of one sign and nearly alike: coordinates depend on each other"),
        ):
            W, X = far_from_boundaries(draw, shape, samples, kind)
            flags = ("inputs-decide", "coordinates-in-turn")
            yield case(kind, W, X, flags, f"weights {list(shape)}, {samples} samples, {words}")
    for exponent, other in ((-40, 30), (40, -30)):
        W, X = far_from_boundaries(draw, (2, 6), 8, "rectified")
        comment = f"weights of about 2^{exponent}, inputs of about 2^{other}"
        yield case("scaled", np.ldexp(W, exponent), np.ldexp(X, other), ("inputs-decide", "wide-range"), comment)
    yield from exact(case)
    yield from refusals(suite, draw)


def far_from_boundaries(draw: Draw, shape: tuple[int, ...], samples: int, kind: str) -> Pair:
    """The first weights and inputs drawn whose margin is wide enough."""
    K = int(np.prod(shape[1:]))
    while True:
        W, X = draw.signed_float32(-4, 0, shape), draw.signed_float32(-3, 1, (samples, K))
        if kind == "rectified":
            X = np.maximum(X, 0)
        if kind == "alike":
            X = (1 + X / 8).astype(np.float32)
        # weights of rank 1 have inputs of one number, which decide nothing
        if margin(W, X) >= LEAST_MARGIN and np.abs(X).sum(axis=0).all():
            return W, X


def exact(case: object) -> Iterator[Case]:
    """Small integers, for which any arithmetic is exact: ties, zeros, inputs that say nothing."""
    assert callable(case)
    W = [[1.0, -3.0, 2.0, -2.0], [-1.0, 1.0, -0.0, 6.0]]
    comment = "inputs of zeros leave every decision a tie: BWN's signs and scales stay"
    yield case("silent", W, np.zeros((3, 4)), ("tie-keeps-sign", "sign-of-zero"), comment)
    yield case("silent", W, np.zeros((0, 4)), ("tie-keeps-sign", "zero-size"), "no samples: BWN's signs and scales")
    unused = [[1.0, 0.0, 2.0], [2.0, 0.0, -1.0]]
    comment = "an input that is always zero: its weights keep their signs, minus among them"
    yield case("unused", [[1.0, -2.0, 3.0], [-1.0, 2.0, 3.0]], unused, ("tie-keeps-sign", "inputs-decide"), comment)
    comment = "the same input twice: a sign that makes no difference is kept"
    yield case("twice", [[2.0, -2.0, 1.0]], [[1.0, 1.0, 0.0], [2.0, 2.0, 0.0]], ("tie-keeps-sign",), comment)
    comment = "w = (3, −1, −1) on inputs all alike: the outputs' sign wins over a weight's"
    yield case("outvoted", [[3.0, -1.0, -1.0, -1.0]], [[1.0] * 4], ("inputs-decide", "coordinates-in-turn"), comment)
    comment = "the outputs are 0, and the signs' outputs too: any scale is as good, and the first stays"
    yield case("no-output", [[1.0, -1.0]], [[2.0, 2.0]], ("inputs-decide",), comment)
    comment = "the outputs are 0, those of signs cannot be: the scale becomes 0"
    yield case("no-output", [[3.0, -1.5, -1.5]], [[1.0] * 3], ("inputs-decide", "tie-keeps-sign"), comment)
    for W, X in (
        ([[0.0, -4.0, -3.0, 5.0]], [[3.0, 2.0, 0.0, 2.0]]),
        ([[-5.0, 2.0, 3.0, 2.0, -5.0, 1.0]], [[1.0, 0.0, 3.0, 2.0, 3.0, 0.0], [1.0, 0.0, 3.0, 1.0, 2.0, 1.0]]),
        ([[-1.0, 6.0, 6.0, -6.0, -2.0]], [[3.0, 1.0, 1.0, 2.0, 0.0]]),
        ([[-2.0, -2.0, -5.0, 5.0]], [[3.0, 2.0, 2.0, 3.0], [2.0, 0.0, 2.0, 3.0]]),
    ):
        comment = "signs whose outputs contradict the layer's: the scale becomes negative, and turns the next decisions"
        yield case("negative", W, X, ("negative-scale", "inputs-decide"), comment)
    for weights, fed in (
        (
            [[9, 3, 2, -9, 2, -4, 6, 4, -8, 9]],
            [[1, 4, 3, 2, 2, 1, 3, 0, 4, 0], [0, 0, 3, 2, 2, 3, 3, 3, 0, 0]],
        ),
        (
            [[7, -6, -1, 3, 0, -7, 7, 6, -7, 1, 0]],
            [
                [0, 3, 1, 1, 1, 4, 2, 2, 0, 1, 4],
                [2, 2, 2, 1, 4, 0, 0, 4, 4, 2, 1],
                [1, 3, 2, 0, 4, 1, 4, 4, 4, 1, 2],
                [1, 1, 4, 0, 1, 4, 1, 3, 3, 1, 4],
                [4, 2, 3, 0, 1, 4, 2, 3, 3, 0, 0],
            ],
        ),
    ):
        yield case("sweeps", weights, fed, ("many-sweeps", "inputs-decide"), "six sweeps or more until nothing changes")
    for W, X in (([[-2.5]], [[2.0]]), ([[0.0]], [[1.0]]), ([[-0.0]], [[-1.0]])):
        yield case("one", W, X, ("one-element", "sign-of-zero"), f"one weight {W[0][0]}, one input {X[0][0]}")
    yield case("zeros", [[0.0, -0.0, 0.0]], np.eye(3), ("sign-of-zero",), "all weights zero: signs +1, scale 0")
    identity = [[0.5, -2.0, 1.0, 4.0], [1.0, 1.0, -1.0, 1.0]]
    yield case("identity", identity, np.eye(4), ("inputs-decide",), "inputs that are the identity: BWN's optimum")
    yield case("empty", np.zeros((2, 0)), np.zeros((3, 0)), ("zero-size",), "channels without weights: scale 0")
    yield case("empty", np.zeros((0, 2)), np.ones((3, 2)), ("zero-size",), "no channels")


def refusals(suite: str, draw: Draw) -> Iterator[Case]:
    """What BWNH does not take."""
    W, X = draw.signed_float32(-2, 0, (2, 3)), draw.signed_float32(-2, 0, (4, 3))
    nan = np.array([[1.0, np.nan, 1.0]])
    for w, x, id, comment in (
        (nan, X, "QREF-QZ-001", "NaN among the weights"),
        (W, nan, "QREF-QZ-001", "NaN among the inputs"),
        (W, -np.inf * np.ones((1, 3)), "QREF-QZ-001", "infinite inputs"),
        (W, X[:, :2], INPUTS, "inputs of two numbers for three weights"),
        (W, X[0], INPUTS, "inputs of rank 1"),
        (W.reshape(2, 3, 1), X.reshape(4, 3, 1), INPUTS, "inputs of rank 3"),
    ):
        inputs = tensor(np.asarray(w), "float32"), tensor(np.asarray(x), "float32")
        request = ask("InnerProductHashing", 1, inputs, domain="qref")
        yield refused(suite, "refused", request, (id,), ("error",), comment)
