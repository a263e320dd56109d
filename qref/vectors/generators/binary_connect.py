"""Cases of BinaryConnect, its backward propagation and its step."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np

from qref.numerics.philox import words
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

SIGNS, STOCHASTIC, BACKWARD, STEP = "QREF-BW-001", "QREF-BW-003", "QREF-BW-004", "QREF-BW-005"
ULP = np.float32(2.0**-23)
SMALLEST = np.float32(2.0**-149)


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from deterministic(suite)
    yield from stochastic(suite)
    yield from at_the_probability(suite)
    yield from backward(suite)
    yield from steps(suite)


def floats(values: Any) -> Tensor:
    """A float32 tensor."""
    return tensor(np.asarray(values, np.float32), "float32")


def deterministic(suite: str) -> Iterator[Case]:
    """w ≥ 0."""
    draw = Draw("binary-connect")
    for slug, W, flags, comment in (
        ("random", draw.signed_float32(-6, 0, (3, 5)), ("binarization",), "signs of a matrix"),
        ("random", draw.signed_float32(-6, 0, (2, 3, 2, 2)), ("binarization",), "signs of kernels"),
        ("zeros", [[0.0, -0.0, 1.0, -1.0]], ("sign-of-zero",), "+0 and −0 are +1"),
        ("zeros", np.zeros(5), ("sign-of-zero",), "nothing but zeros"),
        (
            "tiny",
            [SMALLEST, -SMALLEST, -(2.0**-126), -(2.0**-25), -(2.0**-26), 2.0**-26],
            ("sign-of-zero", "subnormal"),
            "(w + 1) / 2 in float32 is ½ for all of these",
        ),
        ("large", [3e38, -3e38, 1.5, -1.5], ("probability-ends",), "weights beyond ±1"),
        ("one", -0.25, ("one-element", "rank-0"), "a scalar"),
        ("empty", np.zeros((2, 0)), ("zero-size",), "no weights"),
    ):
        request = ask("BinaryConnect", 1, (floats(W),), domain="qref")
        yield judged(suite, slug, request, (SIGNS,), flags, comment)
    for value, word in ((np.nan, "NaN"), (-np.inf, "minus infinity")):
        request = ask("BinaryConnect", 1, (floats([1.0, value]),), domain="qref")
        yield refused(suite, "refused", request, ("QREF-QZ-001",), ("error",), f"{word} among the weights")
    request = ask("BinaryConnect", 1, (floats([1.0]),), {"mode": "random"}, "qref")
    yield refused(suite, "mode", request, (STOCHASTIC,), ("error",), "a mode that there is not")


def stochastic(suite: str) -> Iterator[Case]:
    """u < σ(w), with words of several seeds and tensor numbers."""
    draw = Draw("binary-connect stochastic")

    def case(slug: str, W: Any, flags: tuple[str, ...], comment: str, seed: int = 1, tensor: int = 0) -> Case:
        given = {"mode": "stochastic", "seed": seed, "tensor": tensor}
        request = ask("BinaryConnect", 1, (floats(W),), given, "qref")
        return judged(suite, slug, request, (STOCHASTIC,), flags, comment)

    for shape in ((7,), (3, 5), (2, 3, 2, 2), (4, 8)):
        for seed, number in ((0, 0), (0x1FEDCBA9876543, 7), (5, 2**32 - 1)):
            W = draw.signed_float32(-4, -1, shape)
            comment = f"weights {list(shape)} inside ±1, seed {seed}, tensor {number}"
            yield case("random", W, ("stochastic",), comment, seed, number)
    yield case("half", np.zeros((6, 6)), ("stochastic", "sign-of-zero"), "zeros: either sign with probability ½")
    yield case(
        "slope", np.full((4, 6), -0.5), ("stochastic", "hard-sigmoid"), "p = ¼: a sigmoid or another slope shows"
    )
    yield case("slope", np.full((4, 6), 0.5), ("stochastic", "hard-sigmoid"), "p = ¾: a sigmoid or another slope shows")
    ends = [1.0, -1.0, 1 + ULP, -1 - ULP, 3e38, -3e38, 2.0, -2.0]
    for seed in (3, 4):
        yield case("ends", ends, ("stochastic", "probability-ends"), "±1 and beyond: certain, whatever the word", seed)
    yield case("one", [0.25], ("stochastic", "one-element"), "one weight, the first word")
    yield case("empty", np.zeros((0, 3)), ("stochastic", "zero-size"), "no weights, no words")
    request = ask("BinaryConnect", 1, (floats([0.0]),), {"mode": "stochastic", "seed": -1}, "qref")
    yield refused(suite, "seed", request, (STOCHASTIC,), ("error",), "a seed below zero")


def at_the_probability(suite: str) -> Iterator[Case]:
    """Weights whose probability is u itself, or a bit beside it."""
    for number, word in first_words(lambda word: word % 256 == 0 and word >> 31 == 0, 2):
        w = np.float32(word * 2.0**-31 - 1)
        W = [w, np.nextafter(w, np.float32(-2)), np.nextafter(w, np.float32(2))]
        for i, words_ in enumerate(("u = p: −1", "p below u: −1", "p above u: +1")):
            yield threshold(suite, W[i : i + 1], number, f"{words_}, for the word {word:#010x}")
    for number, word in first_words(lambda word: word % 256 >= 0x90 and word >> 30 == 0, 2):
        # between 24 bits of u and all of its bits
        w = np.float32((word & ~0xFF) * 2.0**-31 - 1) + np.float32(2.0**-24)
        yield threshold(suite, [w], number, f"u cut to 24 bits is below p, u is not, for the word {word:#010x}")

    # tensors of seed 9 whose first word is ½ and so many units more: found by trying them all
    for number, beyond, weight in ((401172, 39, 2.0**-24), (14849296, 10, 2.0**-26), (54130803, -36, -(2.0**-25))):
        assert int(words(9, number, 1)[0]) == 2**31 + beyond
        comment = f"u = ½ {beyond:+d} · 2⁻³², p = ½ {weight / 2:+.3g}, which float32 rounds to ½"
        yield threshold(suite, [weight], number, comment)


def threshold(suite: str, W: Any, number: int, comment: str) -> Case:
    """One weight and the first word of tensor `number`."""
    given = {"mode": "stochastic", "seed": 9, "tensor": number}
    request = ask("BinaryConnect", 1, (floats(W),), given, "qref")
    return judged(suite, "threshold", request, (STOCHASTIC,), ("stochastic", "exact-comparison"), comment)


def first_words(wanted: Callable[[int], bool], how_many: int) -> list[tuple[int, int]]:
    """The first tensors of seed 9 whose first word is as wanted, with that word."""
    found = ((number, int(words(9, number, 1)[0])) for number in count())
    chosen = (pair for pair in found if wanted(pair[1]))
    return [next(chosen) for _ in range(how_many)]


def backward(suite: str) -> Iterator[Case]:
    """Gradients of a linear layer."""
    draw = Draw("binary-connect backward")

    def case(slug: str, a: Any, W: Any, g: Any, flags: tuple[str, ...], comment: str, **given: object) -> Case:
        request = ask("BinaryConnectBackward", 1, (floats(a), floats(W), floats(g)), given, "qref")
        return judged(suite, slug, request, (BACKWARD, STOCHASTIC if given else SIGNS), flags, comment)

    for N, K, M in ((1, 4, 3), (4, 5, 3), (2, 7, 6), (5, 1, 2)):
        a, W, g = (
            draw.signed_float32(-3, 1, (N, K)),
            draw.signed_float32(-5, 0, (M, K)),
            draw.signed_float32(-3, 1, (N, M)),
        )
        words_ = f"{N} samples, {K} inputs, {M} outputs"
        yield case("random", a, W, g, ("binary-backward",), words_)
        yield case(
            "stochastic",
            a,
            W,
            g,
            ("binary-backward", "stochastic"),
            f"{words_}, random signs",
            mode="stochastic",
            seed=N,
        )
    small = [[0.5, -0.25, 2.0], [-0.125, 0.0, -3.0]]
    yield case("exact", [[1.0, 2.0, 4.0]], small, [[1.0, -1.0]], ("binary-backward",), "∂C/∂a = g·sign(W), not g·W")
    zero = [[0.0, -0.0], [-0.0, 1.0]]
    yield case(
        "zeros",
        [[1.0, 2.0]],
        zero,
        [[1.0, 3.0]],
        ("binary-backward", "sign-of-zero"),
        "zeros of W are +1 on the way back",
    )
    yield case(
        "empty", np.zeros((0, 3)), np.ones((2, 3)), np.zeros((0, 2)), ("zero-size",), "no samples: gradients of zero"
    )
    request = ask("BinaryConnectBackward", 1, (floats([[1.0]]), floats([[1.0]]), floats([[1.0, 2.0]])), domain="qref")
    yield refused(suite, "shapes", request, (BACKWARD,), ("error",), "two gradients for one output")


def steps(suite: str) -> Iterator[Case]:
    """W' = clip(W − η g)."""
    draw = Draw("binary-connect step")

    def case(slug: str, W: Any, g: Any, eta: float, flags: tuple[str, ...], comment: str) -> Case:
        request = ask("BinaryConnectStep", 1, (floats(W), floats(g)), {"learning_rate": eta}, "qref")
        return judged(suite, slug, request, (STEP,), flags, comment)

    for shape, eta in (((3, 5), 0.01), ((2, 3, 2, 2), 0.1), ((7,), 1.0), ((4, 4), 0.003)):
        W, g = draw.signed_float32(-4, -1, shape), draw.signed_float32(-3, 2, shape)
        yield case("random", W, g, eta, ("update",), f"weights {list(shape)}, rate {eta:g}")
    near, outwards = [0.75, -0.75, 1.0, -1.0, 0.5], [-1.0, 1.0, -2.0, 2.0, 1.0]
    yield case("clipped", near, outwards, 0.5, ("update", "clip"), "updates that end beyond ±1")
    yield case(
        "outside",
        [1.5, -1.5, 3.0, -8.0],
        [1.0, -1.0, 4.0, -8.0],
        0.5,
        ("update", "clip"),
        "from beyond ±1 inwards: no clip before",
    )
    yield case(
        "masked",
        [1.25, -1.25, 1.5, -1.5],
        [1.0, -1.0, 2.0, -2.0],
        0.75,
        ("update", "clip"),
        "|w| > 1: no mask on the gradient",
    )
    yield case(
        "ends",
        [1 - ULP / 2, -1, 1, -1 + ULP / 2],
        [-ULP, ULP, ULP, -ULP],
        1.0,
        ("update", "clip"),
        "one unit from the ends",
    )
    yield case(
        "zero-gradient", [0.5, -2.0, 0.0, 3.0], np.zeros(4), 0.1, ("update", "clip"), "no gradient: only the clip acts"
    )
    yield case("fused", [0.1, -0.3], [0.7, 0.9], 0.1, ("update", "product-rounds"), "η g rounded first, or fused")
    yield case(
        "cancelled",
        [np.float32(0.1) * np.float32(0.3)],
        [0.3],
        float(np.float32(0.1)),
        ("update", "cancellation"),
        "W − η g is what rounding left of η g",
    )
    yield case("huge", [0.5, -0.5, 1e38], [-3e38, 3e38, 3e38], 4.0, ("update", "clip"), "η g beyond float32: still ±1")
    yield case(
        "tiny", [SMALLEST, 1.0], [SMALLEST, SMALLEST], 1.0, ("update", "subnormal"), "subnormal weights and gradients"
    )
    yield case("one", 0.5, 0.25, 1.0, ("update", "one-element", "rank-0"), "a scalar")
    yield case("empty", np.zeros((2, 0)), np.zeros((2, 0)), 0.1, ("zero-size",), "no weights")
    for slug, gradient, comment in (
        ("shapes", [1.0, 2.0], "two gradients for one weight"),
        ("nan", [np.nan], "NaN as a gradient"),
    ):
        request = ask("BinaryConnectStep", 1, (floats([0.5]), floats(gradient)), domain="qref")
        yield refused(suite, slug, request, (STEP, "QREF-QZ-001"), ("error",), comment)
