"""Cases of PruneMagnitude, PruneGlobal, PruneStructured, GradualSparsity and MaskedStep."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

COUNT, LARGEST, TIES, GLOBAL = "QREF-PR-001", "QREF-PR-002", "QREF-PR-003", "QREF-PR-004"
BLOCKS, SHORT, SCHEDULE, MASKED = "QREF-PR-005", "QREF-PR-006", "QREF-PR-007", "QREF-PR-008"


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from magnitudes(suite)
    yield from together(suite)
    yield from blocks(suite)
    yield from schedules(suite)
    yield from steps(suite)
    yield from errors(suite)


def float32(x: ArrayLike) -> Tensor:
    return tensor(np.asarray(x, np.float32), "float32")


def magnitudes(suite: str) -> Iterator[Case]:
    """One tensor, by magnitude."""
    draw = Draw("prune magnitude")

    def case(slug: str, W: ArrayLike, ratio: float, flags: tuple[str, ...], comment: str, **given: Any) -> Case:
        request = ask("PruneMagnitude", 1, (float32(W),), {"ratio": ratio, **given}, "qref")
        return judged(suite, slug, request, (COUNT, LARGEST, TIES), flags, comment, "sign-of-zero" in flags)

    grains: tuple[dict[str, Any], ...] = (
        {},
        {"granularity": "channel"},
        {"granularity": "group", "group_size": 4},
    )
    for shape in ((3, 10), (2, 3, 2, 2)):
        for given in grains:
            for ratio in (0.3, 0.9):
                kind = given.get("granularity", "tensor")
                comment = f"weights {list(shape)}, {ratio} of each {kind}"
                flags = ("prune-count", "prune-magnitude")
                yield case("random", draw.signed_float32(-5, 0, shape), ratio, flags, comment, **given)
    for size, ratio in ((5, 0.5), (7, 0.5), (10, 0.25), (6, 0.75), (10, 0.9), (10, 0.05)):
        W = draw.signed_float32(-3, 0, (1, size))
        yield case(
            "counts", W, ratio, ("prune-count",), f"{ratio} of {size}: {ratio * size:g} to the nearest, half to even"
        )
    for ratio in (0.0, 1.0):
        W = draw.signed_float32(-3, 0, (2, 4))
        yield case("ends", W, ratio, ("prune-count",), "none goes" if ratio == 0 else "all go")
    negative = [[-4.0, 3.0, -2.0, 1.0, 0.5, -0.25, 0.75, -8.0]]
    yield case("negative", negative, 0.5, ("prune-magnitude",), "large negative weights stay")
    yield case("negative", [[-3.0, -2.0, -1.0, -4.0]], 0.5, ("prune-magnitude",), "weights below 0 alone")
    tied: tuple[tuple[ArrayLike, float, str], ...] = (
        ([[1.0, 1.0, 1.0, 1.0]], 0.5, "equal weights: the first half stays"),
        ([[0.5, -1.0, 1.0, -1.0, 2.0, 1.0]], 0.5, "four equal magnitudes, two stay"),
        ([[2.0, -2.0, 0.5], [2.0, 0.25, -2.0]], 0.5, "equal magnitudes in several rows"),
        ([[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]], 0.25, "1.5 of six equal go: 2"),
        ([[0.0, 3.0, 0.0, 1.0, 2.0, 0.0, 4.0, 0.0]], 0.75, "zeros count among those that go: 6 of 8"),
    )
    for equal, ratio, comment in tied:
        yield case("ties", equal, ratio, ("prune-tie",), comment)
    channel = [[1.0, 1.0, -1.0, 1.0], [2.0, -2.0, 2.0, 2.0]]
    yield case("ties", channel, 0.5, ("prune-tie",), "equal magnitudes of each channel", granularity="channel")
    zeros = [[0.0, -0.0, 0.0, 1.0, 0.0, -2.0, 0.0, -0.0]]
    yield case(
        "zeros", zeros, 0.5, ("prune-tie", "sign-of-zero"), "zeros that stay keep their sign, those that go are +0"
    )
    yield case("zeros", [[-1.0, -0.5, -0.25]], 0.6, ("sign-of-zero",), "a removed negative weight is +0")
    comment = "channels of five: one group of three and a short one each, none from one channel to the next"
    short = [[1.0, 4.0, 3.0, 2.0, 9.0], [8.0, 7.0, 6.0, 5.0, 0.5]]
    yield case("short", short, 0.5, ("prune-count",), comment, granularity="group", group_size=3)
    yield case("small", [[2e-30, 1e-30, -3e-30]], 0.6, ("prune-magnitude",), "weights whose squares are 0")
    tiny = np.ldexp(np.array([[1.0, -3.0, 2.0, 5.0]]), -149)
    yield case("tiny", tiny, 0.5, ("subnormal", "prune-magnitude"), "subnormal weights differ too")
    yield case("huge", [[3e38, -3.1e38, 1.0, 2.9e38]], 0.5, ("prune-magnitude",), "weights whose squares overflow")
    yield case("small", [[-2.0]], 0.5, ("one-element", "prune-count"), "half of one weight: 0.5 to even, none")
    yield case("small", np.float32(2.0), 0.75, ("one-element",), "rank 0")
    yield case("small", [1.0, -3.0, 2.0], 0.5, ("one-element",), "rank 1: 1.5 of three, 2 go")
    yield case("small", [1.0, -3.0], 0.9, ("one-element",), "rank 1: each a channel of its own", granularity="channel")
    yield case("empty", np.zeros((2, 0)), 0.5, ("zero-size",), "no weights")
    yield case("empty", np.zeros((0, 3)), 0.5, ("zero-size",), "no channels", granularity="channel")


def together(suite: str) -> Iterator[Case]:
    """Several tensors, one ratio of all."""
    draw = Draw("prune global")

    def case(slug: str, tensors: Sequence[ArrayLike], ratio: float, flags: tuple[str, ...], comment: str) -> Case:
        request = ask("PruneGlobal", 1, tuple(float32(W) for W in tensors), {"ratio": ratio}, "qref")
        return judged(suite, slug, request, (COUNT, LARGEST, TIES, GLOBAL), flags, comment)

    layers = (
        draw.signed_float32(-2, 1, (3, 4)),
        draw.signed_float32(-5, -1, (2, 3, 2)),
        draw.signed_float32(-4, 0, (8,)),
    )
    for ratio in (0.25, 0.5, 0.9):
        flags = ("global-threshold", "prune-count")
        yield case("random", layers, ratio, flags, f"three layers of other sizes of weights, {ratio} of all")
    yield case("swapped", layers[::-1], 0.5, ("global-threshold",), "the masks in another order")
    odd = draw.signed_float32(-2, 0, (3,)), draw.signed_float32(-2, 0, (4,))
    yield case("odd", odd, 0.5, ("global-threshold", "prune-count"), "half of seven: 4, not 2 and 2")
    yield case("ties", ([1.0, 1.0], [[1.0], [-1.0]]), 0.5, ("prune-tie",), "equal magnitudes: the first tensor's stay")
    several = [3.0, 1.0], [[1.0, 2.0]], [-1.0]
    yield case("ties", several, 0.4, ("prune-tie",), "one of three equal magnitudes stays: the first tensor's")
    yield case("whole-layer", ([1.0, 2.0], [0.1, 0.2]), 0.5, ("global-threshold",), "a layer of small weights goes")
    yield case("one", (draw.signed_float32(-2, 0, (2, 5)),), 0.3, ("prune-count",), "one tensor")
    yield case("empty", (np.zeros((0,)), [3.0, 1.0]), 0.5, ("zero-size",), "a tensor without weights beside another")
    many = [draw.signed_float32(-3, 0, (2,)) for _ in range(16)]
    yield case("many", many, 0.5, ("global-threshold",), "sixteen tensors")


def blocks(suite: str) -> Iterator[Case]:
    """Blocks along the input channels."""
    draw = Draw("prune structured")

    def case(slug: str, W: ArrayLike, flags: tuple[str, ...], comment: str, **given: Any) -> Case:
        request = ask("PruneStructured", 1, (float32(W),), given, "qref")
        return judged(suite, slug, request, (BLOCKS, SHORT, TIES), flags, comment)

    shapes: tuple[tuple[int, ...], ...] = ((4, 8), (3, 8, 1, 1), (2, 8, 3, 3), (8, 4, 2))
    for shape in shapes:
        for n, m in ((2, 4), (1, 4), (3, 4)):
            comment = f"weights {list(shape)}, {n}:{m}"
            yield case("random", draw.signed_float32(-4, 0, shape), ("n-of-m",), comment, n=n, m=m)
    for C in (1, 2, 5, 6, 7):
        W = draw.signed_float32(-4, 0, (3, C))
        yield case("short", W, ("n-of-m", "short-block"), f"{C} input channels: the last block is short")
    for n, m in ((1, 1), (4, 4), (1, 2), (4, 8), (2, 3), (1, 16)):
        W = draw.signed_float32(-4, 0, (2, 16))
        yield case("ratios", W, ("n-of-m",), f"{n}:{m}", n=n, m=m)
    tied: tuple[tuple[ArrayLike, str], ...] = (
        ([[1.0, 1.0, 1.0, 1.0, -1.0, 1.0, -1.0, 1.0]], "equal magnitudes: the first two of each block"),
        ([[0.0, 0.0, 0.0, 1.0], [0.5, 1.0, -0.5, 0.5]], "a zero stays beside the only weight that is none"),
    )
    for equal, comment in tied:
        yield case("ties", equal, ("prune-tie", "n-of-m"), comment)
    yield case("negative", [[-4.0, 1.0, -3.0, 2.0]], ("n-of-m", "prune-magnitude"), "large negative weights stay")
    uneven = [[8.0, 7.0, 6.0, 5.0, 0.1, 0.2, 0.3, 0.4]]
    yield case("uneven", uneven, ("n-of-m",), "a block of large and one of small weights: two of each")
    yield case("small", np.float32(1.0), ("one-element",), "rank 0 has one input channel")
    yield case("small", [1.0, 2.0, 3.0, 4.0, 5.0], ("one-element",), "rank 1: all stay")
    yield case("small", [0.5, -2.0, 1.0, 4.0], ("one-element",), "rank 1: no block of four outputs")
    yield case("empty", np.zeros((2, 0, 3)), ("zero-size",), "no input channels")
    yield case(
        "long-block", draw.signed_float32(-4, 0, (2, 3)), ("short-block",), "a block longer than all", n=2, m=2**40
    )


def schedules(suite: str) -> Iterator[Case]:
    """The cubic schedule."""

    def case(slug: str, t: ArrayLike, flags: tuple[str, ...], comment: str, **given: Any) -> Case:
        request = ask("GradualSparsity", 1, (tensor(np.asarray(t, np.int64), "int64"),), given, "qref")
        return judged(suite, slug, request, (SCHEDULE,), flags, comment)

    usual: dict[str, Any] = {"final": 0.875, "begin": 1000, "changes": 10, "every": 100}
    yield case("cube", range(1000, 2001, 100), ("schedule-cube",), "at each change", **usual)
    between = [1000, 1001, 1050, 1099, 1100, 1199, 1999]
    yield case("between", between, ("schedule-between",), "between two changes the earlier holds", **usual)
    ends = [-(2**62), -5, 0, 999, 1000, 2000, 2001, 5000, 2**62]
    yield case("ends", ends, ("schedule-ends",), "before the first change and after the last", **usual)
    for initial, final in ((0.5, 0.9), (0.0, 1.0), (0.75, 0.25), (0.6, 0.6)):
        given = {"initial": initial, "final": final, "begin": 0, "changes": 7, "every": 3}
        yield case("values", range(0, 25, 2), ("schedule-cube", "schedule-ends"), f"from {initial} to {final}", **given)
    yield case("one", [0, 1, 2], ("schedule-ends",), "one change: all at once", final=0.5)
    yield case(
        "negative", [-20, -10, -7, 0, 10], ("schedule-cube",), "a beginning before 0", begin=-10, changes=4, every=5
    )
    uneven = {"final": 0.75, "begin": 7, "changes": 4, "every": 5}
    comment = "a beginning that is no multiple of the time between changes"
    yield case("between", range(5, 30), ("schedule-between", "schedule-ends"), comment, **uneven)
    yield case("between", range(-9, 8), ("schedule-between",), comment, **{**uneven, "begin": -8, "every": 3})
    before = {"initial": 0.25, "final": 0.75, "begin": 50, "changes": 2, "every": 10}
    yield case(
        "ends", [0, 49, 50, 69, 70, 90], ("schedule-ends",), "the initial sparsity holds from the start", **before
    )
    yield case("ends", [-3, 0], ("schedule-ends",), "before the first change alone", **{**before, "begin": 1})
    yield case("shape", [[0, 4], [8, 12]], ("schedule-cube",), "steps in a matrix", changes=3, every=4)
    yield case("shape", 3, ("schedule-cube",), "rank 0", changes=4)
    yield case("empty", np.zeros((0,)), ("zero-size",), "no steps")


def steps(suite: str) -> Iterator[Case]:
    """W, gradient, mask → W'."""
    draw = Draw("masked step")

    def case(
        slug: str, W: ArrayLike, g: ArrayLike, mask: ArrayLike, flags: tuple[str, ...], comment: str, **given: Any
    ) -> Case:
        inputs = float32(W), float32(g), tensor(np.asarray(mask, np.bool_), "bool")
        return judged(suite, slug, ask("MaskedStep", 1, inputs, given, "qref"), (MASKED,), flags, comment)

    for rate in (0.01, 0.5, 1.0, -0.25):
        W, g, mask = draw.signed_float32(-4, 0, (3, 6)), draw.signed_float32(-4, 1, (3, 6)), draw.integers(0, 1, (3, 6))
        yield case("random", W, g, mask, ("masked-update", "update"), f"learning rate {rate}", learning_rate=rate)
        pruned = W * mask
        comment = f"removed weights are 0 already, learning rate {rate}"
        yield case("pruned", pruned, g, mask, ("masked-update",), comment, learning_rate=rate)
    w, slope = [[1.0, -2.0, 3.0]], [[4.0, 4.0, -4.0]]
    yield case("all", w, slope, [[1, 1, 1]], ("update",), "all stay", learning_rate=0.5)
    yield case("none", w, slope, [[0, 0, 0]], ("masked-update",), "none stays", learning_rate=0.5)
    yield case("still", w, [[0.0, 0.0, 0.0]], [[0, 1, 0]], ("masked-update",), "no gradient: removed ones become 0")
    comment = "weights that are 0 and stay have a gradient as others: a mask is no W ≠ 0"
    yield case("zeros", [[0.0, -0.0, 3.0, 0.0]], [[4.0] * 4], [[1, 1, 1, 0]], ("masked-update",), comment)
    yield case("zeros", np.zeros((2, 3)), np.ones((2, 3)), [[1, 0, 1], [0, 1, 0]], ("masked-update",), comment)
    yield case("rate", w, slope, [[1, 0, 1]], ("masked-update",), "rate 0 removes all the same", learning_rate=0.0)
    yield case("empty", np.zeros((0, 2)), np.zeros((0, 2)), np.zeros((0, 2)), ("zero-size",), "no weights")


def errors(suite: str) -> Iterator[Case]:
    """What is refused."""
    W, nan = float32([[1.0, 2.0]]), float32([[1.0, np.nan]])
    t, mask, tall = tensor([0, 1], "int64"), tensor(np.array([[True, False]]), "bool"), float32([[1.0], [2.0]])
    one = {"ratio": 0.5}
    refusals: tuple[tuple[str, tuple[Tensor | None, ...], dict[str, Any], str, str], ...] = (
        ("PruneMagnitude", (W,), {"ratio": 1.5}, COUNT, "more than all"),
        ("PruneMagnitude", (W,), {"ratio": -0.25}, COUNT, "less than none"),
        (
            "PruneMagnitude",
            (float32(np.zeros((0, 2))),),
            {"ratio": 2.0, "granularity": "channel"},
            COUNT,
            "twice of nothing",
        ),
        ("PruneMagnitude", (nan,), one, "QREF-QZ-001", "NaN among the weights"),
        ("PruneMagnitude", (tensor([[1.0]], "float64"),), one, LARGEST, "float64 weights"),
        ("PruneGlobal", (W, None, W), one, GLOBAL, "a tensor that is absent"),
        ("PruneGlobal", (W, nan), one, "QREF-QZ-001", "NaN in the second tensor"),
        ("PruneGlobal", (W, W), {"ratio": 1.25}, COUNT, "more than all"),
        ("PruneStructured", (W,), {"n": 0, "m": 4}, BLOCKS, "none of four"),
        ("PruneStructured", (W,), {"n": 5, "m": 4}, BLOCKS, "five of four"),
        ("PruneStructured", (nan,), {}, "QREF-QZ-001", "NaN among the weights"),
        ("GradualSparsity", (t,), {"final": 1.5}, SCHEDULE, "a sparsity beyond 1"),
        ("GradualSparsity", (t,), {"initial": -0.5}, SCHEDULE, "a sparsity below 0"),
        ("GradualSparsity", (t,), {"changes": 0}, SCHEDULE, "no change"),
        ("GradualSparsity", (t,), {"every": 0}, SCHEDULE, "a change in 0 steps"),
        ("GradualSparsity", (float32([1.0]),), {}, SCHEDULE, "a step that is no integer"),
        ("MaskedStep", (W, W, tensor([[1, 0]], "uint8")), {}, MASKED, "a mask of integers"),
        ("MaskedStep", (W, tall, mask), {}, MASKED, "a gradient of another shape"),
        ("MaskedStep", (tall, tall, mask), {}, MASKED, "a mask of another shape"),
        ("MaskedStep", (W, nan, mask), {}, "QREF-QZ-001", "NaN in the gradient, where the mask is off"),
    )
    for op, inputs, attributes, requirement, comment in refusals:
        yield refused(suite, "refused", ask(op, 1, inputs, attributes, "qref"), (requirement,), ("error",), comment)
