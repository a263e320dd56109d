"""Cases of ScalarCodebook, ScalarCodebookLloyd, SharedWeightGradient and SharedWeightStep."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.numerics.tensor import tensor
from qref.ops import run
from qref.ops.request import Request
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.clear_margin import clear
from qref.vectors.generators.draw import Draw

OPTIMUM, TIE, VALUES, FEW, WIDTH = (f"QREF-SC-00{n}" for n in range(1, 6))
NEAREST, MEANS, STOP, LINEAR, DENSITY, RANDOM, ONCE = (f"QREF-SC-01{n}" for n in range(7))
GRADIENT, STEP = "QREF-SC-020", "QREF-SC-021"
STARTS = {"linear": LINEAR, "density": DENSITY, "random": RANDOM}
GRAINS: tuple[dict[str, Any], ...] = ({}, {"granularity": "channel"}, {"granularity": "group", "group_size": 9})
NUMBERS = {"NaN": np.nan, "infinity": np.inf, "minus infinity": -np.inf}


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from optima(suite)
    yield from exact_optima(suite)
    yield from lloyd(suite)
    yield from exact_lloyd(suite)
    for op in ("ScalarCodebook", "ScalarCodebookLloyd"):
        yield from odd(suite, op)
        yield from refusals(suite, op)
    yield from gradients(suite)
    yield from steps(suite)


def asked(op: str, W: ArrayLike, **attributes: Any) -> Request:
    """A request for codes and codebooks of W."""
    return ask(op, 1, (tensor(np.asarray(W, np.float32), "float32"),), attributes, "qref")


def bell(draw: Draw, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Sums of four even numbers less 2: a bell without libm."""
    even = draw.integers(0, 2**20, (4, *shape)).astype(np.float64)
    found: NDArray[np.float32] = (even.sum(axis=0) / 2**20 - 2).astype(np.float32)
    return found


def optima(suite: str) -> Iterator[Case]:
    """Weights drawn until the best partition lies clear of the next best."""
    draw, op = Draw("scalar codebook"), "ScalarCodebook"

    def case(slug: str, request: Request, flags: tuple[str, ...], comment: str) -> Case:
        return judged(suite, slug, request, (OPTIMUM, VALUES), ("optimal-partition", *flags), comment)

    for bits in (1, 2, 3):
        for attributes in GRAINS:
            for shape in ((3, 12), (2, 3, 3, 2)):
                request = clear(asked(op, bell(draw, shape), bits=bits, **attributes) for _ in count())
                kind = attributes.get("granularity", "tensor")
                comment = f"weights {list(shape)} shaped as a bell, {bits} bits, a codebook a {kind}"
                yield case("random", request, (f"codebook-a-{kind}",), comment)
        request = clear(asked(op, draw.signed_float32(-4, 0, (24,)), bits=bits) for _ in count())
        yield case("random", request, ("codebook-a-tensor",), f"magnitudes over 5 binades, {bits} bits")
        request = clear(asked(op, draw.float32(-2, 0, (20,)), bits=bits) for _ in count())
        yield case("one-sided", request, (), f"weights of one sign, {bits} bits")
    request = clear(asked(op, bell(draw, (20,))) for _ in count())
    yield case("random", request, (), "20 weights in 16 clusters")
    for bits in (1, 2):
        candidates = (asked(op, np.round(4 * bell(draw, (5, 8))) / 4, bits=bits) for _ in count())
        comment = f"multiples of 1/4 that occur several times each, {bits} bits: each time counts"
        yield case("duplicates", clear(candidates), ("duplicates",), comment)
    for bits, size in ((2, 12), (2, 16), (3, 20)):
        candidates = (one for _ in count() if lloyd_misses(one := asked(op, bell(draw, (size,)), bits=bits)))
        comment = f"{size} weights, {bits} bits: Lloyd's algorithm from a linear start stops at a larger error"
        yield case("local-optimum", clear(candidates), ("local-optimum",), comment)
    for exponent in (-40, 40):
        request = clear(asked(op, np.ldexp(bell(draw, (18,)), exponent), bits=2) for _ in count())
        yield case("scaled", request, ("wide-range",), f"weights of about 2^{exponent}")
    outlier = [8.0, 0.1, 0.2, 0.3, -0.3, -0.25, 0.15, -0.1]
    yield case("outlier", asked(op, outlier, bits=2), (), "one weight far above the others has a cluster of its own")
    pruned = [0.0, 0.0, -0.0, 0.0, 0.5, -0.75, 0.0, -0.5, 0.625, -0.0, 0.0, 0.0]
    comment = "half of the weights are zeros, of either sign: one number"
    yield case("zeros", asked(op, pruned, bits=1), ("sign-of-zero", "duplicates"), comment)


def lloyd_misses(request: Request) -> bool:
    """Whether Lloyd's algorithm from a linear start gives other codes."""
    W, bits = request.inputs[0], request.attributes["bits"]
    assert W is not None
    return bool((run(request)[0].data != run(asked("ScalarCodebookLloyd", W.data, bits=bits))[0].data).any())


def exact_optima(suite: str) -> Iterator[Case]:
    """Small integers, for which any arithmetic is exact: ties, few distinct weights."""
    op = "ScalarCodebook"

    def tie(W: ArrayLike, comment: str, **attributes: Any) -> Case:
        requirements = (OPTIMUM, TIE, VALUES)
        return judged(suite, "tie", asked(op, W, **attributes), requirements, ("partition-tie",), comment)

    yield tie([0.0, 1.0, 2.0], "{0} {1, 2} or {0, 1} {2}: the clusters begin at 0 and 1", bits=1)
    yield tie([1.0, -1.0, 0.0], "{-1} {0, 1} or {-1, 0} {1}, in another order", bits=1)
    yield tie([4.0, 3.0, 2.0, 1.0, 0.0], "the second cluster begins at 2 or at 3", bits=1)
    yield tie([0.0, 1.0, 2.0, 3.0, 4.0], "three of four clusters are single weights: 3 and 4 are together", bits=2)
    yield tie([[0.0, 2.0, 4.0], [8.0, 6.0, 4.0]], "a tie in each channel", bits=1, granularity="channel")
    yield tie([0.0, 1.0, 8.0, 9.0, 16.0, 17.0], "{0, 1} and two others, of which two come together", bits=1)

    def few(W: ArrayLike, flags: tuple[str, ...], comment: str, **attributes: Any) -> Case:
        request = asked(op, W, **attributes)
        return judged(suite, "few-distinct", request, (FEW, VALUES), ("few-distinct", *flags), comment)

    yield few([1.0, -2.0, 1.0, 0.5, -2.0], (), "three distinct weights, four values: the largest stands twice", bits=2)
    yield few([0.25, -0.25], ("duplicates",), "two weights, two values", bits=1)
    yield few([-3.0, -3.0, -3.0], ("duplicates",), "equal weights: all values are -3", bits=2)
    yield few([0.0, -0.0, -0.0, 0.0], ("sign-of-zero",), "zeros of either sign: one number", bits=1)
    yield few([-0.0, 1.0, 0.0, -1.0], ("sign-of-zero",), "-1, 0 and 1", bits=2)
    yield few([-1.0, -2.0, -4.0], (), "the largest of negative weights, not zero, fills the codebook", bits=3)
    rows = [[1.0, 2.0, 1.0], [5.0, 5.0, 5.0], [-1.0, 0.0, -2.0]]
    yield few(rows, (), "channels of two, one and three distinct weights", bits=2, granularity="channel")
    yield few(np.arange(-20.0, 21.0), (), "41 weights, 256 values", bits=8)
    yield few(np.ldexp([1.0, -2.0, 3.0, 0.0], -149), ("subnormal",), "subnormal weights stand for themselves", bits=2)
    huge = [3.0e38, -3.0e38, 1.0]
    yield few(huge, ("huge", "overflow"), "weights near the largest number, one in each cluster", bits=2)


def lloyd(suite: str) -> Iterator[Case]:
    """Weights drawn until no weight comes near the middle of two centroids in any step."""
    draw, op = Draw("scalar codebook lloyd"), "ScalarCodebookLloyd"

    def case(slug: str, request: Request, flags: tuple[str, ...], comment: str) -> Case:
        start = request.attributes.get("start", "linear")
        requirements = (NEAREST, MEANS, STOP, STARTS[start], ONCE)
        return judged(suite, slug, request, requirements, (f"start-{start}", *flags), comment)

    for start in STARTS:
        for bits in (1, 2, 3):
            for number, attributes in enumerate(GRAINS):
                drawn = {"seed": 7, "tensor": number} if start == "random" else {}
                given = {"bits": bits, "start": start, **attributes, **drawn}
                request = clear(asked(op, bell(draw, (3, 12)), **given) for _ in count())
                kind = attributes.get("granularity", "tensor")
                comment = f"36 weights shaped as a bell, {bits} bits, {start} start, a codebook a {kind}"
                yield case("random", request, (f"codebook-a-{kind}",), comment)
        for iterations in (1, 2, 3):
            given = {"bits": 2, "start": start, "iterations": iterations}
            request = clear(asked(op, bell(draw, (40,)), **given) for _ in count())
            yield case("iterations", request, ("iterations",), f"{start} start, stopped after {iterations} steps")
        request = clear(asked(op, draw.float32(-3, 0, (24,)), bits=2, start=start) for _ in count())
        yield case("one-sided", request, (), f"weights of one sign, {start} start")
        request = clear(asked(op, bell(draw, (6, 4, 2)) + np.float32(0.5), bits=2, start=start) for _ in count())
        yield case("off-centre", request, (), f"weights around 1/2, {start} start")
    for seed in (0, 1, 2**40 + 3):
        request = clear(asked(op, bell(draw, (7,)), bits=2, start="random", seed=seed) for _ in count())
        yield case("drawn", request, ("random-stream",), f"four of seven weights drawn, seed {seed}")
    for number in (1, 2**32 - 1):
        request = clear(asked(op, bell(draw, (5,)), bits=2, start="random", tensor=number) for _ in count())
        yield case("drawn", request, ("random-stream",), f"four of five weights drawn, tensor {number}")
    W = [-8.0, -7.75, -7.5, 7.0, 7.625, 8.0]
    for bits in (2, 3):
        yield case("empty-cluster", asked(op, W, bits=bits), ("empty-cluster",), f"{bits} bits: nothing in the middle")
    W = [1.0, 1.25, 9.0, 9.5, 8.75, 1.125]
    yield case("empty-cluster", asked(op, W, bits=2), ("empty-cluster",), "positive weights in two heaps")
    W = [-0.625, -0.5, 0.0, 1.0, 7.0]
    yield case("empty-cluster", asked(op, W, bits=2), ("empty-cluster",), "one weight far above the others")


def exact_lloyd(suite: str) -> Iterator[Case]:
    """Small integers: weights in the middle of two centroids, starts that coincide."""
    op = "ScalarCodebookLloyd"

    def case(slug: str, W: ArrayLike, flags: tuple[str, ...], comment: str, **attributes: Any) -> Case:
        start = attributes.get("start", "linear")
        requirements = (NEAREST, MEANS, STOP, STARTS[start], ONCE)
        return judged(suite, slug, asked(op, W, **attributes), requirements, (f"start-{start}", *flags), comment)

    middle = ("middle-weight",)
    yield case("middle", [-2.0, 0.0, 2.0], middle, "0 lies in the middle of -2 and 2: the lower", bits=1)
    yield case("middle", [4.0, 0.0, 2.0, 2.0], middle, "two weights in the middle", bits=1)
    yield case("middle", [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], middle, "the middle weight, then no other", bits=1)
    yield case(
        "middle", [0.0, 12.0, 2.0, 6.0, 10.0], middle, "weights in the middle of three pairs of neighbours", bits=2
    )
    density = {"bits": 1, "start": "density"}
    yield case("middle", [0.0, 0.0, 2.0, 4.0, 4.0], middle, "2 lies in the middle of the quantiles 0 and 4", **density)
    once = ("few-distinct",)
    yield case("equal", [2.0, 2.0, 2.0], once, "equal weights: one centroid, four times", bits=2)
    yield case("equal", [0.0, -0.0, 0.0], (*once, "sign-of-zero"), "zeros of either sign", bits=1)
    pruned = [0.0] * 9 + [-4.0, 3.0, 5.0]
    comment = "most weights are 0, and so are most quantiles: equal ones count once"
    yield case("equal", pruned, once, comment, bits=2, start="density")
    yield case("equal", [1.0, 1.0, 1.0, 6.0], once, "equal weights drawn count once", bits=2, start="random")
    yield case("fewer-weights", [1.0, 5.0], once, "two weights, four values: both are drawn", bits=2, start="random")
    yield case("fewer-weights", [1.0, 5.0, 3.0], once, "three weights, eight quantiles", bits=3, start="density")
    W = [-16.0, -14.0, -12.0, 12.0, 16.0]
    yield case("empty-cluster", W, ("empty-cluster",), "two values of the start are nobody's and stay", bits=2)


def odd(suite: str, op: str) -> Iterator[Case]:
    """Single weights, tensors without any."""
    requirements = (FEW,) if op == "ScalarCodebook" else (LINEAR, ONCE)

    def case(slug: str, W: ArrayLike, flags: tuple[str, ...], comment: str, **attributes: Any) -> Case:
        return judged(suite, slug, asked(op, W, **attributes), requirements, flags, comment)

    yield case("one", [[-2.5]], ("one-element", "few-distinct"), "one weight, 16 values")
    yield case("scalar", np.float32(3.0), ("one-element", "few-distinct"), "rank 0", bits=1)
    by_channel: dict[str, Any] = {"bits": 1, "granularity": "channel"}
    yield case("vector", [-1.0, 2.0, 0.0], ("one-element", "few-distinct"), "a codebook for each weight", **by_channel)
    yield case("empty", np.zeros((0, 3)), ("zero-size",), "no weights: a codebook of zeros", bits=2)
    yield case("empty", np.zeros((2, 0)), ("zero-size",), "channels without weights: codebooks of zeros", **by_channel)
    yield case("empty", np.zeros((0, 3)), ("zero-size",), "no channels, no codebooks", **by_channel)
    by_group: dict[str, Any] = {"bits": 1, "granularity": "group"}
    yield case("short-group", [[4.0, 1.0, 2.5]], ("short-block",), "a last group of one", group_size=2, **by_group)
    yield case("long-group", [[3.0, -1.0], [0.5, 2.0]], ("short-block",), "long groups", group_size=2**40, **by_group)


def refusals(suite: str, op: str) -> Iterator[Case]:
    """Requests that have no answer."""
    for word, value in NUMBERS.items():
        request = asked(op, [1.0, value], bits=1)
        yield refused(suite, "refused", request, ("QREF-QZ-001",), ("error",), f"{word} among the weights")
    attributes: list[tuple[str, str, dict[str, Any]]] = [
        (WIDTH, "no bits", {"bits": 0}),
        (WIDTH, "nine bits", {"bits": 9}),
        ("QREF-QZ-002", "a granularity that there is not", {"granularity": "row"}),
        ("QREF-QZ-002", "groups of no size", {"granularity": "group"}),
    ]
    if op == "ScalarCodebookLloyd":
        attributes += [
            (STOP, "no iterations", {"iterations": 0}),
            (LINEAR, "a start that there is not", {"start": "optimal"}),
            (RANDOM, "a seed below zero", {"start": "random", "seed": -1}),
        ]
    for requirement, comment, given in attributes:
        yield refused(suite, "refused", asked(op, [1.0, 2.0], **given), (requirement,), ("error",), comment)


def gradients(suite: str) -> Iterator[Case]:
    """∂L/∂W and codes → ∂L/∂C."""
    draw, op = Draw("shared weight gradient"), "SharedWeightGradient"

    def request(g: ArrayLike, codes: ArrayLike, **attributes: Any) -> Request:
        inputs = (tensor(np.asarray(g, np.float32), "float32"), tensor(np.asarray(codes, np.uint8), "uint8"))
        return ask(op, 1, inputs, attributes, "qref")

    def case(slug: str, g: ArrayLike, codes: ArrayLike, flags: tuple[str, ...], comment: str, **given: Any) -> Case:
        return judged(suite, slug, request(g, codes, **given), (GRADIENT,), ("shared-gradient", *flags), comment)

    for attributes in GRAINS:
        for shape in ((4, 12), (2, 3, 3, 3)):
            g, codes = draw.signed_float32(-6, 0, shape), draw.integers(0, 15, shape)
            kind = attributes.get("granularity", "tensor")
            comment = f"gradients {list(shape)}, 16 values a {kind}"
            yield case("random", g, codes, (f"codebook-a-{kind}",), comment, **attributes)
    few = [[0.5, -1.0, 0.25], [2.0, 4.0, -0.125]]
    yield case(
        "few", few, [[0, 1, 0], [2, 1, 1]], (), "sums, not means; a value without weights has gradient 0", values=4
    )
    yield case("few", few, [[3, 3, 3], [3, 3, 3]], (), "all weights share one value", values=4)
    yield case("cancelled", [1.0, -1.0, 2.0], [0, 0, 1], (), "gradients that cancel", values=2)
    yield case("one", np.float32(2.0), np.uint8(0), ("one-element",), "rank 0, one value", values=1)
    yield case("many", draw.signed_float32(-3, 0, (300,)), np.arange(300) % 256, (), "256 values", values=256)
    yield case("empty", np.zeros((0, 2)), np.zeros((0, 2)), ("zero-size",), "no weights: gradients 0", values=2)
    by_channel: dict[str, Any] = {"values": 2, "granularity": "channel"}
    yield case("empty", np.zeros((2, 0)), np.zeros((2, 0)), ("zero-size",), "channels without weights", **by_channel)
    for comment, requirement, one in (
        ("a code beyond the codebook", GRADIENT, request([1.0], [4], values=4)),
        ("no values", GRADIENT, request([1.0], [0], values=0)),
        ("257 values", GRADIENT, request([1.0], [0], values=257)),
        ("codes of another shape", GRADIENT, request([1.0, 2.0], [0], values=4)),
        ("a gradient NaN", "QREF-QZ-001", request([np.nan], [0], values=4)),
    ):
        yield refused(suite, "refused", one, (requirement,), ("error",), comment)


def steps(suite: str) -> Iterator[Case]:
    """Codebooks, codes and ∂L/∂W → the codebooks after a step."""
    draw, op = Draw("shared weight step"), "SharedWeightStep"

    def request(C: ArrayLike, codes: ArrayLike, g: ArrayLike, **attributes: Any) -> Request:
        books, gradient = (tensor(np.asarray(x, np.float32), "float32") for x in (C, g))
        return ask(op, 1, (books, tensor(np.asarray(codes, np.uint8), "uint8"), gradient), attributes, "qref")

    def case(slug: str, C: ArrayLike, codes: ArrayLike, g: ArrayLike, comment: str, **given: Any) -> Case:
        return judged(suite, slug, request(C, codes, g, **given), (STEP,), ("shared-gradient", "update"), comment)

    for rate in (0.01, 0.5, 1.0):
        codes, g = draw.integers(0, 3, (3, 8)), draw.signed_float32(-5, 0, (3, 8))
        C = np.sort(draw.signed_float32(-3, 0, (3, 4)), axis=1)
        given: dict[str, Any] = {"learning_rate": rate}
        yield case("random", C[:1], codes, g, f"one codebook, learning rate {rate}", **given)
        yield case("random", C, codes, g, f"a codebook a channel, {rate}", granularity="channel", **given)
    book, few = [[-1.0, 0.0, 1.0, 2.0]], [0.5, 0.25, -2.0, 1.0, 4.0]
    yield case("few", book, [0, 0, 2, 3, 3], few, "a value without weights stays", learning_rate=0.5)
    yield case("rate", book, [0, 1, 2, 3, 3], few, "learning rate 0: nothing moves", learning_rate=0.0)
    yield case("rate", book, [0, 1, 2, 3, 3], few, "a negative learning rate goes up", learning_rate=-0.25)
    yield case(
        "crossed",
        book,
        [1, 1, 1, 1, 1],
        [-4.0] * 5,
        "a value passes its neighbours: it keeps its code",
        learning_rate=1.0,
    )
    yield case("empty", book, [], [], "no weights: nothing moves")
    for comment, one in (
        ("a code beyond the codebook", request(book, [4], [1.0])),
        ("codebooks that are not one a part", request(book * 2, [1], [1.0])),
        ("gradients of another shape", request(book, [1, 2], [1.0])),
    ):
        yield refused(suite, "refused", one, (STEP,), ("error",), comment)
    nan = request([[0.0, np.nan]], [0], [1.0])
    yield refused(suite, "refused", nan, ("QREF-QZ-001",), ("error",), "a value NaN")
