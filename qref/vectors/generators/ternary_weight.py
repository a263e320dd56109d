"""Cases of TernaryWeight, TernaryWeightExact and TernaryWeightStep."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.numerics.tensor import tensor
from qref.ops.request import Request
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.clear_margin import clear
from qref.vectors.generators.draw import Draw

OPERATORS = {"TernaryWeight": ("QREF-LB-001", "QREF-LB-002"), "TernaryWeightExact": ("QREF-LB-002", "QREF-LB-003")}
TINY = np.array([[1.0, -7.0, 20.0, 33.0, 0.0]], np.float32)
GRAINS: tuple[dict[str, Any], ...] = ({}, {"granularity": "tensor"}, {"granularity": "group", "group_size": 4})


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    for op in OPERATORS:
        yield from encoded(suite, op)
    yield from steps(suite)


def encoded(suite: str, op: str) -> Iterator[Case]:
    """Codes and scales by one of the two schemes."""
    draw = Draw(f"ternary {op}")

    def case(slug: str, W: ArrayLike | Request, flags: tuple[str, ...], comment: str, **attributes: Any) -> Case:
        request = W if isinstance(W, Request) else asked(W, attributes)
        return judged(suite, slug, request, (*OPERATORS[op], "QREF-QZ-002"), flags, comment)

    def asked(W: ArrayLike, attributes: dict[str, Any]) -> Request:
        return ask(op, 1, (tensor(np.asarray(W, np.float32), "float32"),), attributes, "qref")

    for shape in ((3, 9), (2, 3, 3, 3), (4, 7, 1, 1)):
        for attributes in GRAINS:
            for low in (-4, -1):
                request = clear(asked(draw.signed_float32(low, 0, shape), attributes) for _ in count())
                kind = attributes.get("granularity", "channel")
                comment = f"weights {list(shape)} over {1 - low} binades, a scale a {kind}"
                yield case("random", request, (f"scale-a-{kind}", "ternary-threshold"), comment)
    bell = clear(asked(normal(draw, (2, 32)), {}) for _ in count())
    yield case("bell", bell, ("ternary-threshold",), "weights shaped as a bell, as those of networks")
    between = [[1.0, 1.0, 1.0, 1.0, 0.72, -0.72, -1.0, -1.0], [4.0, -4.0, 4.0, -4.0, 2.4, -2.4, 4.0, 4.0]]
    yield case("between", between, ("ternary-threshold",), "magnitudes between .7 and .75, or .05 and .7, of the mean")
    sparse = [[1.0, 0.5, -0.3, 0.0, 0.0, -0.0], [0.0, -4.0, 0.0, 1.5, 0.0, 0.0]]
    yield case("sparse", sparse, ("ternary-threshold",), "zeros count in the mean: else Δ is twice as high")
    yield case("sparse", [[0.0, 2.0, 0.0, -0.9]], ("ternary-threshold",), "half of the weights are 0")
    yield case("all-equal", [[0.5, -0.5, 0.5]], ("ternary-threshold",), "equal magnitudes: none is left out")
    one_sided = [[1.0, 2.0, 3.0, 4.5], [-1.0, -2.0, -3.0, -4.5]]
    yield case("one-sided", one_sided, ("mean-magnitude",), "weights of one sign: the mean of |w|, not |mean of w|")
    balanced = [[3.0, -3.0, 1.0, -1.0, 0.5]]
    yield case("balanced", balanced, ("mean-magnitude",), "a mean of w near 0: a threshold from it lets all pass")
    zeros = [[0.0, -0.0, 0.0], [0.0, -2.0, -0.0]]
    yield case("zeros", zeros, ("sign-of-zero",), "zeros of either sign are 0; a channel of zeros has scale 0")
    outlier = [[8.0, 1.0, -1.0, 0.5, 0.25, -0.125], [2.0, 1.9, -1.8, 0.3, 0.1, 0.0]]
    yield case("outlier", outlier, ("ternary-threshold",), "one weight far above the others: alone, or with them")
    yield case("one", [[-2.5]], ("one-element",), "one weight: its scale is its magnitude")
    yield case("vector", [-1.0, 2.0, 0.0], ("one-element",), "rank 1: every weight a channel")
    yield case("scalar", np.float32(3.0), ("one-element",), "rank 0: one weight")
    yield case("empty", np.zeros((2, 0)), ("zero-size",), "channels without weights have scale 0")
    for attributes, comment in zip(GRAINS, ("no channels, no scales", "one scale of no weights", "no groups")):
        yield case("empty", np.zeros((0, 3)), ("zero-size",), comment, **attributes)
    yield case("empty", np.zeros((2, 0)), ("zero-size",), "a group a channel, without weights", **GRAINS[2])
    long = {"granularity": "group", "group_size": 2**40}
    yield case("long-group", [[3.0, -1.0], [0.5, 2.0]], ("short-block",), "groups longer than a channel", **long)
    for exponent in (-40, 40):
        scaled = np.ldexp(TINY, exponent)
        yield case("scaled", scaled, ("ternary-threshold",), f"weights of the size of 2^{exponent}")
    if op == "TernaryWeight":
        for exponent, flag in ((-149, "subnormal"), (115, "ternary-threshold")):
            scaled = np.ldexp(TINY, exponent)
            yield case("scaled", scaled, (flag,), f"weights of the size of 2^{exponent}")
    if op == "TernaryWeightExact":
        yield case("tie", [[3.0, 1.0, -1.0, 1.0]], ("ternary-tie",), "one weight or all four: 9 both; the fewer win")
        yield case("tie", [[-1.0, 3.0, 1.0, 1.0, 0.0]], ("ternary-tie",), "the tie in another order, a zero beside it")
    for value, word in ((np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "minus infinity")):
        W = np.array([[1.0, value]], np.float32)
        yield refused(suite, "refused", asked(W, {}), ("QREF-QZ-001",), ("error",), f"{word} among the weights")


def normal(draw: Draw, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Sums of twelve even numbers less 6: a bell of variance 1, without libm."""
    even = draw.integers(0, 2**20, (12, *shape)).astype(np.float64)
    bell: NDArray[np.float32] = (even.sum(axis=0) / 2**20 - 6).astype(np.float32)
    return bell


def steps(suite: str) -> Iterator[Case]:
    """W, gradient → W'."""
    draw = Draw("ternary step")

    def case(slug: str, W: ArrayLike, g: ArrayLike, flags: tuple[str, ...], comment: str, **attributes: Any) -> Case:
        inputs = tuple(tensor(np.asarray(x, np.float32), "float32") for x in (W, g))
        request = ask("TernaryWeightStep", 1, inputs, attributes, "qref")
        return judged(suite, slug, request, ("QREF-LB-004",), flags, comment)

    for rate in (0.01, 0.5, 1.0):
        W, g = draw.signed_float32(-4, 0, (3, 5)), draw.signed_float32(-6, 2, (3, 5))
        yield case("random", W, g, ("update",), f"learning rate {rate}", learning_rate=rate)
    yield case(
        "beyond",
        [[3.0, -3.0, 0.25]],
        [[1.0, -2.0, 4.0]],
        ("update",),
        "large weights move too",
        learning_rate=0.5,
    )
    yield case(
        "zero", [[0.0, -0.0, 1.0]], [[0.0, 1.0, 64.0]], ("sign-of-zero",), "zeros, and a weight that changes sign"
    )
    for rate, comment in ((0.0, "learning rate 0: nothing moves"), (-0.5, "a negative learning rate goes up")):
        yield case("rate", [[0.5, -3.0, 0.0]], [[1.0, 2.0, -4.0]], ("update",), comment, learning_rate=rate)
    yield case("empty", np.zeros((0, 2)), np.zeros((0, 2)), ("zero-size",), "no weights")
    inputs = tuple(tensor(np.asarray(x, np.float32), "float32") for x in ([[1.0, 2.0]], [[np.nan, 1.0]]))
    yield refused(
        suite,
        "refused",
        ask("TernaryWeightStep", 1, inputs, domain="qref"),
        ("QREF-QZ-001",),
        ("error",),
        "a gradient NaN",
    )
