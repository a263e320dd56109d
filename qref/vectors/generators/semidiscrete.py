"""Cases of SemidiscreteDecomposition, FactorizedDecode and FactorizedConv: ternary factors and a diagonal."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.numerics.tensor import Tensor, tensor
from qref.quantizers.semidiscrete import margin
from qref.vectors.case import Case
from qref.vectors.generators.builder import LEAST_MARGIN, ask, judged, refused
from qref.vectors.generators.draw import Draw

TERM, START, STOP, D, TERMS, EPOCHS = (f"QREF-FF-00{n}" for n in range(1, 7))
DECODED, FORWARD, REFUSED = "QREF-FF-007", "QREF-FF-008", "QREF-QZ-001"
SHAPES = ((3, 5), (5, 3), (4, 4), (6, 8), (2, 3, 2, 2), (4, 2, 3), (1, 6), (6, 1), (5,))


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from decompositions(suite)
    yield from exact_decompositions(suite)
    yield from refusals(suite)
    yield from decoded(suite)
    yield from convolutions(suite)


def decompositions(suite: str) -> Iterator[Case]:
    """Weights drawn so that no decision is near its boundary."""
    draw = Draw("semidiscrete")
    for shape in SHAPES:
        for terms, epochs in ((1, 1), (2, 1), (0, 1), (2, 3), (3, 20)):
            if min(shape[0], int(np.prod(shape[1:]))) < (terms or 3) and (terms, epochs) != (1, 1):
                continue
            W = far_from_boundaries(draw, shape, terms, epochs)
            flags = ["number-of-nonzeros"]
            flags += ["later-terms"] if terms != 1 else []
            flags += ["terms-again"] if epochs > 1 else []
            flags += ["not-square"] if shape[0] != int(np.prod(shape[1:])) else []
            words = f"weights {list(shape)}, {terms or 'min(M, K)'} terms, {epochs} epochs"
            yield decomposition(suite, "random", W, flags, words, terms=terms, epochs=epochs)
    for exponent in (-100, 100):
        W = np.ldexp(far_from_boundaries(draw, (4, 5), 3, 1), exponent)
        comment = f"weights of about 2^{exponent}: sums of their squares leave float32's range"
        yield decomposition(suite, "scaled", W, ["later-terms", "wide-range"], comment, terms=3)


def far_from_boundaries(draw: Draw, shape: tuple[int, ...], terms: int, epochs: int) -> NDArray[np.float32]:
    """The first weights drawn whose margin is wide enough."""
    while True:
        W = draw.signed_float32(-4, 0, shape)
        if margin(W, terms, epochs) >= LEAST_MARGIN:
            return W


def exact_decompositions(suite: str) -> Iterator[Case]:
    """Small integers, for which any arithmetic is exact: ties, zeros, residuals of zero."""
    column = [[3.0], [1.0], [1.0], [1.0]]
    tie = "3²/1 = 6²/4: one nonzero serves as well as four, and fewest are taken"
    yield decomposition(suite, "tie", column, ["number-of-nonzeros", "fewest-nonzeros"], tie)
    tie = "(3 + 1 + 1 + 1)²/4 = 3²/1 with signs, in a row"
    yield decomposition(suite, "tie", [[-1.0, 3.0, 1.0, -1.0]], ["number-of-nonzeros", "fewest-nonzeros"], tie)
    yield decomposition(suite, "equal", [[2.0, -2.0, 2.0]], ["number-of-nonzeros"], "equal magnitudes stay together")
    rank_one = 2.0 * np.outer([1, 0, -1], [1, -1, 1, 0])
    comment = "one term is exact; the residual is zero, and so are the other terms"
    yield decomposition(suite, "rank-one", rank_one, ["residual-of-zero", "not-square"], comment)
    yield decomposition(suite, "rank-one", rank_one, ["residual-of-zero"], "the same, three epochs", terms=2, epochs=3)
    blocks = [[4.0, 4.0, 0.0, 0.0], [4.0, 4.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]]
    yield decomposition(suite, "two-blocks", blocks, ["later-terms", "residual-of-zero"], "two terms, one a block")
    for W, comment in (
        ([[1.0, -1.0], [1.0, -1.0]], "rows whose sums are zero: all ones is no start, the first column is"),
        ([[0.0, 1.0, -1.0], [0.0, 2.0, -2.0]], "the first column is zero: the second is the start"),
        ([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 2.0, -2.0]], "from the first column, and again from another"),
        ([[1.0, -9.0, 8.0], [2.0, 4.0, -6.0]], "the first column that is not zero, not the largest"),
    ):
        yield decomposition(suite, "no-sum", W, ["rows-without-sum"], comment, terms=2)
    yield from long_alternations(suite)
    yield decomposition(suite, "zeros", [[0.0, -0.0], [0.0, 0.0]], ["residual-of-zero", "sign-of-zero"], "all zeros")
    zeros = [[0.0, 2.0, -0.0], [0.0, -2.0, 0.0]]
    yield decomposition(suite, "zeros", zeros, ["sign-of-zero", "residual-of-zero"], "zeros among the weights")
    yield decomposition(suite, "one", [[-2.5]], ["one-element"], "one weight: D is its magnitude, a factor its sign")
    yield decomposition(suite, "vector", [-1.0, 2.0, -2.0], ["one-element"], "rank 1: each channel has one weight")
    beyond = [[1.0, 0.0], [0.0, -4.0]]
    comment = "more terms than min(M, K): those beyond are zero"
    yield decomposition(suite, "beyond", beyond, ["residual-of-zero", "later-terms"], comment, terms=4)
    for shape in ((2, 0), (0, 3)):
        yield decomposition(suite, "empty", np.zeros(shape), ["zero-size"], f"weights {list(shape)}: no terms")
    yield decomposition(suite, "empty", np.zeros((2, 0)), ["zero-size"], "two terms of no weights", terms=2)
    tiny = np.ldexp([[3.0, 3.0, 0.0], [-3.0, -3.0, 0.0]], -149)
    yield decomposition(suite, "subnormal", tiny, ["subnormal"], "subnormal weights", terms=1)
    huge = np.full((2, 2), 2e37)
    yield decomposition(suite, "huge", huge, ["wide-range"], "sums that float32 holds, and squares far beyond", terms=1)


def long_alternations(suite: str) -> Iterator[Case]:
    """Small integers whose terms hang on where they begin and when they end."""
    for W in (
        [[0, -2, 3, -9, 2], [1, -7, -6, -9, 5], [4, -2, 9, -2, -4], [8, -8, -2, -9, -3], [4, -3, 0, 0, -8]],
        [[5, -4, 0], [1, -6, -5], [-1, -8, 7], [-3, 1, -7]],
    ):
        comment = "a second epoch that begins with each term's old y: ones lead elsewhere"
        yield decomposition(suite, "old-start", W, ["terms-again", "old-start"], comment, terms=2, epochs=2)
    for W in (
        [[0, 5, -4, -1, -9], [7, -6, 0, 9, 2], [-3, -7, 8, -8, -2], [7, 8, -1, 1, -6], [-4, -1, 2, -7, -2]],
        [[0, -7, 7], [7, 3, -8], [-8, 8, 3], [-7, 2, -3], [2, -5, 0]],
    ):
        comment = "an alternation that gains less than a hundredth is not the last"
        yield decomposition(suite, "slow", W, ["slow-growth", "number-of-nonzeros"], comment, terms=1)
    for W in (
        [[6, -2, -6, 8], [4, -8, -2, -3], [-6, 5, 9, -2], [1, -1, -5, -3], [1, -8, 3, -3]],
        [[-9, 6, -4, 5, 2], [4, -8, -4, 4, 3], [-6, -2, 7, -4, 9], [1, -7, 4, -9, 5], [3, 2, -9, 8, -6]],
    ):
        yield decomposition(suite, "long", W, ["number-of-nonzeros"], "six alternations or more", terms=1)


def refusals(suite: str) -> Iterator[Case]:
    """What no decomposition takes."""
    for value in (np.nan, np.inf, -np.inf):
        W = tensor(np.array([[1.0, value]]), "float32")
        request = ask("SemidiscreteDecomposition", 1, (W,), domain="qref")
        yield refused(suite, "refused", request, (REFUSED,), ("error",), f"{value} among the weights")
    ones = tensor([[1.0]], "float32")
    for attributes, id in (({"terms": -1}, TERMS), ({"epochs": 0}, EPOCHS), ({"epochs": -2}, EPOCHS)):
        request = ask("SemidiscreteDecomposition", 1, (ones,), attributes, "qref")
        yield refused(suite, "refused", request, (id,), ("error",), f"{attributes}")
    request = ask("SemidiscreteDecomposition", 1, (tensor([[1]], "int8"),), domain="qref")
    yield refused(suite, "refused", request, (REFUSED,), ("error",), "weights that are int8")


def decomposition(suite: str, slug: str, W: ArrayLike, flags: list[str], comment: str, **attributes: Any) -> Case:
    """A case of SemidiscreteDecomposition."""
    request = ask("SemidiscreteDecomposition", 1, (tensor(np.asarray(W), "float32"),), attributes, "qref")
    ids = [TERM, START, STOP, D, TERMS, *([EPOCHS] if attributes.get("epochs", 1) > 1 else [])]
    return judged(suite, slug, request, ids, flags, comment)


def factors(draw: Draw, M: int, k: int, filter: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Factors of any values: X [M, k], D [k] of either sign, Y [k, filter]."""
    X, Y = draw.integers(-1, 1, (M, k)), draw.integers(-1, 1, (k, *filter))
    return tensor(X, "int8"), tensor(draw.signed_float32(-6, 3, (k,)), "float32"), tensor(Y, "int8")


def decoded(suite: str) -> Iterator[Case]:
    """Factors back to weights."""
    draw = Draw("factorized-decode")
    for M, k, filter in ((3, 2, (5,)), (5, 4, (3,)), (2, 3, (3, 2, 2)), (4, 1, ()), (3, 0, (2,)), (0, 2, (2,))):
        flags = ["not-square"] if M and k else ["zero-size"]
        comment = f"X [{M}, {k}], filters {list(filter)}"
        request = ask("FactorizedDecode", 1, factors(draw, M, k, filter), domain="qref")
        yield judged(suite, "random", request, (DECODED,), flags, comment)
    X, D, Y = (
        tensor(v, t) for v, t in (([[1, 1, -1]], "int8"), ([1.0, 2.0**-24, 1.0], "float32"), ([[1]] * 3, "int8"))
    )
    comment = "1 + 2⁻²⁴ − 1: the sum is exact, and rounded once"
    yield judged(
        suite, "cancels", ask("FactorizedDecode", 1, (X, D, Y), domain="qref"), (DECODED,), ("cancellation",), comment
    )
    for d, flag in (([2.0**-149, 3 * 2.0**-149], "subnormal"), ([2.0**120, 2.0**121], "wide-range")):
        inputs = tensor([[1, -1], [0, 1], [1, 1]], "int8"), tensor(d, "float32"), tensor([[1, 0], [1, -1]], "int8")
        request = ask("FactorizedDecode", 1, inputs, domain="qref")
        yield judged(suite, "scaled", request, (DECODED,), (flag,), f"d of {d[0]:.3g} and {d[1]:.3g}")
    X, D, Y = factors(draw, 2, 2, (3,))
    for inputs, comment in (
        ((tensor([[2, 0], [1, 1]], "int8"), D, Y), "a factor of 2"),
        ((X, D, tensor(np.full((2, 3), -2), "int8")), "a factor of −2"),
        ((X, tensor([1.0], "float32"), Y), "one d for two terms"),
        ((tensor([1, 0], "int8"), D, Y), "X of rank 1"),
        ((X, tensor([1.0, np.nan], "float32"), Y), "a d that is NaN"),
    ):
        request = ask("FactorizedDecode", 1, inputs, domain="qref")
        yield refused(suite, "refused", request, (DECODED,), ("error",), comment)


def convolutions(suite: str) -> Iterator[Case]:
    """The forward of factorized layers."""
    draw = Draw("factorized-conv")
    for image, M, k, filter, attributes in (
        ((1, 3, 4, 5), 4, 2, (3, 3, 3), {}),
        ((2, 2, 4, 4), 3, 5, (2, 3, 3), {"pads": [1, 1, 1, 1]}),
        ((1, 2, 5, 6), 2, 3, (2, 2, 3), {"strides": [2, 1], "pads": [0, 1, 1, 2]}),
        ((1, 1, 7, 6), 3, 2, (1, 3, 2), {"dilations": [2, 3]}),
        ((1, 2, 5, 5), 3, 2, (2, 3, 3), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
        ((1, 2, 4, 4), 3, 2, (2, 2, 2), {"auto_pad": "SAME_LOWER"}),
        ((2, 5, 3, 3), 2, 4, (5, 1, 1), {}),
        ((2, 3, 8), 4, 3, (3, 3), {"strides": [2], "pads": [1, 0]}),
        ((1, 2, 3, 4, 3), 2, 3, (2, 2, 2, 2), {}),
        ((1, 6, 1), 5, 3, (6, 1), {}),
        ((1, 2, 3, 3), 2, 0, (2, 2, 2), {}),
    ):
        x = tensor(draw.signed_float32(-6, 3, image), "float32")
        X, D, Y = factors(draw, M, k, filter)
        flags = ["three-steps", *(["not-square"] if k != M else []), *(["zero-size"] if k == 0 else [])]
        words = f"image {list(image)}, {k} filters {list(filter)}, {M} channels"
        for B in (None, tensor(draw.signed_float32(-3, 3, (M,)), "float32")):
            inputs = (x, X, D, Y) if B is None else (x, X, D, Y, B)
            request = ask("FactorizedConv", 1, inputs, attributes, "qref")
            yield judged(
                suite, "random", request, (FORWARD,), flags, f"{words}, {'no bias' if B is None else 'a bias'}"
            )
    yield from scaled_convolutions(suite, draw)
    x = tensor(draw.signed_float32(-6, 3, (1, 2, 3, 3)), "float32")
    X, D, Y = factors(draw, 2, 3, (2, 2, 2))
    nan = tensor(np.full((1, 2, 3, 3), np.nan), "float32")
    for inputs, comment in (
        ((nan, X, D, Y), "an image of NaN"),
        ((x, X, D, tensor(np.ones((3, 1, 2, 2)), "int8")), "filters of one channel"),
        ((x, X, D, Y, tensor([1.0, 2.0, 3.0], "float32")), "a bias of three numbers for two channels"),
        ((x, X, D, tensor(np.full((3, 2, 2, 2), 2), "int8")), "a factor of 2"),
    ):
        request = ask("FactorizedConv", 1, inputs, domain="qref")
        yield refused(suite, "refused", request, (FORWARD,), ("error",), comment)


def scaled_convolutions(suite: str, draw: Draw) -> Iterator[Case]:
    """Scales at the ends of the range, images of zeros and of nothing."""
    X, _, Y = factors(draw, 3, 2, (2, 2, 2))
    x = draw.signed_float32(-3, 0, (1, 2, 3, 3))
    for D, image, flags, comment in (
        ([2.0**-126, -(2.0**-140)], x, ("three-steps", "subnormal"), "scales at the least normal number and below"),
        ([2.0**100, 2.0**110], x, ("three-steps", "wide-range"), "large scales"),
        ([2.0**100, 2.0**-100], np.ldexp(x, -80), ("three-steps", "wide-range"), "scales far from each other"),
        ([1.0, 1.0], np.zeros_like(x), ("three-steps", "sign-of-zero"), "an image of zeros"),
        ([1.0, -0.0], -np.zeros_like(x), ("three-steps", "sign-of-zero"), "an image of −0, a scale of −0"),
        ([1.0, 2.0], x[:0], ("zero-size",), "no images"),
    ):
        inputs = tensor(image, "float32"), X, tensor(D, "float32"), Y
        request = ask("FactorizedConv", 1, inputs, domain="qref")
        yield judged(suite, "scaled", request, (FORWARD,), flags, comment)
