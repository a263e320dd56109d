"""Cases of k-means, its start and its step, and of the codebooks of vectors and sub-vectors."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from qref.codebooks.kmeans import assigned, filled, start, steps
from qref.codebooks.subvectors import LAYOUTS, matrix_shape
from qref.numerics.tensor import Tensor, tensor
from qref.ops.qref.product_codebook import Asked
from qref.ops.request import Request
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.clear_margin import clear
from qref.vectors.generators.draw import Draw

VALUES, WORD, DRAW, EVEN, NEAREST, EMPTY, MEAN, END, VECTOR, PRODUCT, STREAM, SIZE, ASKED = (
    f"QREF-VC-{n:03}" for n in range(1, 14)
)
START, STEP = (VALUES, WORD, DRAW), (NEAREST, MEAN)
OF = {"VectorCodebook": (VECTOR, "QREF-CB-001"), "ProductCodebook": (PRODUCT, STREAM, "QREF-CB-001")}

Numbers = Any  # nested lists of numbers, arrays, a number
SEEDS = 64  # that are tried where the numbers are given
# found by search: of weights that are drawn, one in some ten thousand leaves a cell empty after the start
EMPTY_ON_THE_WAY = (
    ("VectorCodebook", (10, 2), 39332),
    ("VectorCodebook", (10, 2), 65955),
    ("VectorCodebook", (9, 3), 36269),
    ("ProductCodebook", (12, 1), 11832),
    ("ProductCodebook", (12, 1), 12400),
    ("ProductCodebook", (9, 3), 75023),
)


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from starts(suite)
    yield from few_vectors(suite)
    yield from random_steps(suite)
    yield from small_steps(suite)
    yield from empty_cells(suite)
    yield from codebooks(suite)
    yield from small_codebooks(suite)
    yield from refusals(suite)


def floats(x: Numbers) -> Tensor:
    return tensor(np.asarray(x, np.float32), "float32")


# the start


def starts(suite: str) -> Iterator[Case]:
    """Draws by D², over several seeds and tensors."""
    draw = Draw("k-means start")
    for (R, d), bits, seeds in (((12, 2), 2, 3), ((20, 3), 3, 3), ((9, 1), 2, 2), ((8, 4), 3, 2), ((16, 2), 1, 2)):
        for seed in range(seeds):
            given = {"bits": bits, "seed": seed, "tensor": 3 * seed}

            def asked(given: dict[str, Any] = given, shape: tuple[int, int] = (R, d)) -> Iterator[Request]:
                while True:
                    yield ask("KMeansStart", 1, (floats(draw.signed_float32(-4, 1, shape)),), given, "qref")

            comment = f"{min(1 << bits, R)} of {R} vectors of {d} numbers, seed {seed}, tensor {3 * seed}"
            yield judged(suite, "random", clear(asked()), START, ("kmeans-start", "random-stream"), comment)
    for seed in range(2):

        def apart(seed: int = seed) -> Iterator[Request]:
            while True:
                X = draw.signed_float32(-6, -3, (15, 2)) + 8 * (np.arange(15) % 3)[:, np.newaxis]
                yield ask("KMeansStart", 1, (floats(X),), {"bits": 2, "seed": seed}, "qref")

        comment = "three clusters far apart: each is drawn from before one is drawn from again"
        yield judged(suite, "apart", clear(apart()), START, ("kmeans-start",), comment)


def few_vectors(suite: str) -> Iterator[Case]:
    """Fewer vectors, or fewer that differ, than centroids."""

    def case(X: Numbers, bits: int, flags: tuple[str, ...], comment: str) -> Case:
        inputs = (floats(X),)
        request = clear(ask("KMeansStart", 1, inputs, {"bits": bits, "seed": seed}, "qref") for seed in range(SEEDS))
        return judged(suite, "few", request, (*START, EVEN), ("kmeans-start", *flags), comment)

    repeated = [[1, 2], [3, 4], [1, 2], [3, 4], [1, 2], [3, 4]]
    yield case(repeated, 2, ("fewer-distinct",), "two vectors that differ, four centroids: the last two drawn evenly")
    yield case([[5, -1, 2]] * 7, 2, ("fewer-distinct",), "seven equal vectors: every draw is even")
    yield case(np.zeros((6, 3)), 2, ("fewer-distinct",), "zeros alone")
    yield case([[0.0, 1], [-0.0, 1], [0, 1], [2, 2]], 2, ("fewer-distinct", "sign-of-zero"), "zeros of either sign")
    yield case([[1, 2], [4, 4], [8, 0]], 3, ("fewer-vectors",), "three vectors, eight centroids asked for: three")
    yield case([[3, 1]], 4, ("fewer-vectors", "one-element"), "one vector")
    yield case(np.zeros((5, 0)), 1, ("fewer-distinct", "zero-size"), "vectors of no numbers are all alike")
    yield case(np.zeros((0, 3)), 2, ("fewer-vectors", "zero-size"), "no vectors: no centroids")


# a step


def step(suite: str, slug: str, X: Numbers, C: Numbers, flags: tuple[str, ...], comment: str) -> Case:
    """A case of KMeansStep."""
    requirements = (*STEP, *((EMPTY,) if {"empty-cell", "empty-stays"} & set(flags) else ()))
    return judged(suite, slug, ask("KMeansStep", 1, (floats(X), floats(C)), {}, "qref"), requirements, flags, comment)


def random_steps(suite: str) -> Iterator[Case]:
    """Vectors and centroids of any numbers."""
    draw = Draw("k-means step")
    for (R, d), V, low, high in (
        ((10, 2), 3, -4, 1),
        ((16, 3), 4, -4, 1),
        ((12, 1), 5, -4, 1),
        ((6, 7), 2, -4, 1),
        ((24, 2), 8, -2, 0),
        ((10, 2), 3, -54, -50),
        ((10, 2), 3, 58, 60),
        ((10, 2), 3, -20, 2),
    ):
        for _ in range(2):

            def asked(R: int = R, d: int = d, V: int = V, low: int = low, high: int = high) -> Iterator[Request]:
                while True:
                    X, C = (draw.signed_float32(low, high, shape) for shape in ((R, d), (V, d)))
                    yield ask("KMeansStep", 1, (floats(X), floats(C)), {}, "qref")

            request = clear(asked())
            comment = f"{R} vectors of {d} numbers of about 2^{high}, {V} centroids"
            flags = ("kmeans-step", *(("wide-range",) if abs(high) > 40 else ()), *happens(request))
            empty = (EMPTY,) if "empty-cell" in flags else ()
            yield judged(suite, "random", request, (*STEP, *empty), flags, comment)


def happens(request: Request) -> tuple[str, ...]:
    """Flags of what happens in a step."""
    X, C = (x.data for x in request.inputs if x is not None)
    codes = assigned(X, C)
    return () if np.array_equal(codes, filled(X, C, codes)) else ("empty-cell",)


def small_steps(suite: str) -> Iterator[Case]:
    """Small integers, for which any arithmetic is exact: ties, zeros, means."""
    tie = ("kmeans-step", "equal-distances")
    yield step(suite, "tie", [[0], [2], [4], [1]], [[0], [4]], tie, "2 is as near to 0 as to 4: the first centroid")
    yield step(suite, "tie", [[0], [2], [4], [3]], [[4], [0]], tie, "2 is as near to 4 as to 0: the first centroid")
    square = [[1, 1], [1, -1], [-1, 1], [-1, -1], [0, 0], [0, 0], [0, 0], [0, 0]]
    comment = "the middle of four centroids, four times"
    yield step(suite, "tie", square, square[:4], tie, comment)
    comment = "a vector between two centroids in one number, at one of them in the other"
    yield step(suite, "tie", [[0, 3], [2, 3], [4, 3], [4, 5]], [[4, 3], [0, 3]], tie, comment)
    yield step(
        suite, "tie", [[7, 1], [5, 3], [6, 2], [5, 2]], [[5, 1], [7, 3]], tie, "four vectors, three of them ties"
    )
    metric = ("kmeans-step", "squared-distance")
    yield step(
        suite, "metric", [[3, 3], [0, 0], [3, 9]], [[0, 0], [3, 8]], metric, "(3, 3): 18 from (0, 0), 25 from (3, 8)"
    )
    yield step(suite, "metric", [[0, 0, 0], [9, 9, 9]], [[4, 4, 4], [8, 0, 0]], metric, "48 is nearer than 64")
    mean = ("kmeans-step", "cell-mean")
    comment = "a mean whose sum needs more than 24 bits: (2^24 + 1 + 1 + 2) / 4"
    yield step(suite, "mean", [[2.0**24], [1], [1], [2]], [[4194304]], mean, comment)
    comment = "means of three, with numbers that cancel"
    yield step(suite, "mean", [[1e4], [-1e4], [0.1], [2e5]], [[0], [2e5]], mean, comment)
    comment = "a mean halfway between two float32 numbers: to the even one"
    yield step(suite, "mean", [[1], [1 + 2.0**-23], [9]], [[1], [9]], mean, comment)
    comment = "zeros of either sign, and numbers that cancel: the mean is 0"
    yield step(suite, "mean", [[-0.0, 5], [-0.0, -5], [8, 8]], [[0, 0], [8, 8]], (*mean, "sign-of-zero"), comment)
    yield step(suite, "one", [[3, -2]], [[1, 1]], ("kmeans-step", "one-element"), "one vector, one centroid")
    yield step(suite, "one", [[3], [5], [-9]], [[0]], ("kmeans-step", "one-element"), "one centroid: the mean of all")
    yield step(suite, "none", np.zeros((0, 2)), [[1, 2], [3, 4]], ("empty-stays", "zero-size"), "no vectors")
    comment = "vectors of no numbers: all of the first centroid"
    yield step(suite, "none", np.zeros((3, 0)), np.zeros((2, 0)), ("empty-stays", "zero-size"), comment)


def empty_cells(suite: str) -> Iterator[Case]:
    """Centroids that are nearest to no vector."""
    X = [[0], [1], [3], [9], [10], [14]]
    empty = ("kmeans-step", "empty-cell")
    comment = "the last cell is empty: it takes 14, four away from its centroid"
    yield step(suite, "empty", X, [[1], [10], [100]], empty, comment)
    yield step(suite, "empty", X, [[100], [1], [10]], empty, "the first cell is empty")
    yield step(suite, "empty", X, [[1], [100], [10], [-100]], (*empty, "two-empty-cells"), "two cells are empty")
    comment = "three cells are empty: the farthest three vectors, the farthest one to the first of them"
    yield step(suite, "empty", X, [[50], [2], [60], [10], [70]], (*empty, "two-empty-cells"), comment)
    comment = "two vectors are equally far: the first of them"
    yield step(suite, "empty", [[0], [4], [8], [20], [24], [28]], [[4], [24], [99]], (*empty, "equally-far"), comment)
    comment = "the farthest vector lies alone in its cell and stays there"
    yield step(suite, "lone", [[0], [1], [2], [20]], [[0], [30], [99]], (*empty, "lone-vector"), comment)
    yield step(suite, "lone", [[40, 0], [0, 1], [0, 3]], [[0, 1], [50, 0], [0, 99]], (*empty, "lone-vector"), comment)
    comment = "one vector was taken, and the one that is left lies alone then: the second empty cell takes another"
    yield step(
        suite,
        "lone",
        [[0], [5], [20], [22]],
        [[1], [20], [99], [98]],
        (*empty, "two-empty-cells", "lone-vector"),
        comment,
    )
    comment = "a vector whose only neighbour was taken lies alone since: the second empty cell takes a nearer one"
    lone = (*empty, "two-empty-cells", "lone-vector")
    yield step(suite, "lone", [[0], [5], [20], [21]], [[3], [20], [99], [98]], lone, comment)
    yield step(suite, "lone", [[30], [31], [0], [9]], [[30], [70], [4], [-50]], lone, comment)
    stays = ("kmeans-step", "empty-stays")
    comment = "every vector lies on a centroid: the empty cell stays empty, its centroid what it was"
    yield step(suite, "stays", [[1], [1], [5]], [[1], [5], [7]], stays, comment)
    comment = "equal centroids: the second has no vectors, and stays"
    yield step(suite, "stays", [[1, 2], [1, 2], [3, 4]], [[1, 2], [1, 2], [3, 4]], stays, comment)
    comment = "more centroids than vectors: cells stay empty where every vector lies alone"
    yield step(suite, "stays", [[0], [8]], [[1], [7], [99]], stays, comment)


# codebooks


def codebooks(suite: str) -> Iterator[Case]:
    """Vectors, and sub-vectors of several lengths, by every layout."""
    draw = Draw("codebooks of vectors")
    for op, shape, layout, given in settings():
        request = clear(drawn(draw, op, shape, given))
        yield codebook(suite, "random", request, f"weights {list(shape)} by {layout}")
    for iterations in (1, 2):
        for op, given in (("VectorCodebook", {"bits": 2}), ("ProductCodebook", {"bits": 2, "length": 2})):
            asked = {**given, "iterations": iterations, "seed": 11}
            request = clear(r for r in drawn(draw, op, (14, 4), asked) if "codes-change" in ends(r))
            yield codebook(suite, "limit", request, f"{iterations} steps, after which codes change once more")
    for op, shape, number in EMPTY_ON_THE_WAY:
        W = Draw(f"empty {number}").signed_float32(-3, 1, shape)
        request = ask(op, 1, (floats(W),), {"bits": 2, "seed": number}, "qref")
        yield codebook(suite, "empty", request, "a cell is empty on the way, and takes the farthest vector")
        limited = (replace(request, attributes={**request.attributes, "iterations": n}) for n in range(1, 9))
        comment = "steps end where a cell is empty: codes are those of the nearest centroids, and none is its"
        request = next(one for one in limited if "empty-at-the-end" in ends(one))
        yield codebook(suite, "empty", request, comment)


def settings() -> Iterator[tuple[str, tuple[int, ...], str, dict[str, Any]]]:
    """Operators, shapes, layouts and attributes."""
    for layout in LAYOUTS:
        for shape in ((12, 5), (4, 3, 2, 2)):
            for seed, bits in ((1, 1), (2, 2)):
                yield "VectorCodebook", shape, layout, {"layout": layout, "bits": bits, "seed": seed}
            for length, bits in ((2, 1), (3, 2), (4, 2), (1, 3)):
                given = {"layout": layout, "bits": bits, "length": length, "seed": length, "tensor": bits}
                yield "ProductCodebook", shape, layout, given
    for length in (2, 3):
        yield "ProductCodebook", (9, 6), "rows", {"bits": 2, "length": length, "iterations": 0, "seed": 5}
    yield "VectorCodebook", (9, 3), "rows", {"bits": 2, "iterations": 0, "seed": 6}
    yield "VectorCodebook", (18, 3), "rows", {"bits": 3, "seed": 2**53 - 1, "tensor": 2**32 - 1}
    yield "ProductCodebook", (18, 4), "rows", {"bits": 3, "length": 2}
    yield "ProductCodebook", (40, 4), "rows", {"bits": 5}
    yield "ProductCodebook", (5, 4), "rows", {"bits": 8, "length": 2}


def drawn(draw: Draw, op: str, shape: tuple[int, ...], given: dict[str, Any]) -> Iterator[Request]:
    """Requests without end."""
    while True:
        yield ask(op, 1, (floats(draw.signed_float32(-3, 1, shape)),), given, "qref")


def codebook(suite: str, slug: str, request: Request, comment: str, *more: str) -> Case:
    """A case with the flags of what happens in it."""
    layout, R, L = asked_of(request)
    length = L if request.op == "VectorCodebook" else request.attributes.get("length", 4)
    flags = ("kmeans-start", f"layout-{layout}", *ends(request), *more)
    if length < L:
        flags = (*flags, "several-submatrices")
    if length < L and L % length:
        flags = (*flags, "short-subvector")
    if 1 << request.attributes.get("bits", 4) >= R:
        flags = (*flags, "fewer-vectors")
    requirements = (*OF[request.op], *START, *STEP, END, SIZE, *((EMPTY,) if "empty-cell" in flags else ()))
    return judged(suite, slug, request, requirements, flags, comment)


def asked_of(request: Request) -> tuple[str, int, int]:
    """The layout, and R and L of the matrix."""
    [W] = request.inputs
    assert W is not None
    layout = request.attributes.get("layout", "rows")
    return layout, *matrix_shape(W.shape, layout)


def ends(request: Request) -> tuple[str, ...]:
    """Flags of the steps: whether there are several, whether codes change after the last, whether cells are empty."""
    [W] = request.inputs
    assert W is not None
    read: Callable[..., Asked] = Asked.of_vectors if request.op == "VectorCodebook" else Asked.of_subvectors
    asked, flags = read(W, **request.attributes), dict[str, None]()
    for _, X, words in asked.submatrices():
        taken = list(steps(X, X[start(X, words)], asked.scheme.iterations))
        if len(taken) > 2:
            flags["many-steps"] = None
        if taken and not np.array_equal(taken[-1].cells, assigned(X, taken[-1].after)):
            flags["codes-change"] = None
        if any(not np.array_equal(one.cells, assigned(X, one.before)) for one in taken):
            flags["empty-cell"] = None
        last = assigned(X, taken[-1].after) if taken else None
        if last is not None and not np.array_equal(last, filled(X, taken[-1].after, last)):
            flags["empty-at-the-end"] = None
    return tuple(flags)


def small_codebooks(suite: str) -> Iterator[Case]:
    """Few vectors, equal ones, ones of one number, none."""
    small: dict[str, Numbers] = {
        "rank 1: every weight a row": [1.0, -2, 4, 4.5, -2.5],
        "rank 0": 3.0,
        "one row": [[1.0, 2, 3, 4, 5]],
        "rows that are alike": [[1.0, 2, 3, 4]] * 8,
        "two kinds of rows": [[1.0, 2, 3, 4], [-8, 5, 6, 7]] * 3,
        "zeros": np.zeros((4, 4)),
        "no rows": np.zeros((0, 4)),
        "rows without weights": np.zeros((3, 0)),
        "kernels of 1×1": [[[[1.0]], [[2]]], [[[8]], [[9]]], [[[1.5]], [[2.5]]]],
    }
    for comment, W in small.items():
        for op, given in (("VectorCodebook", {"bits": 1}), ("ProductCodebook", {"bits": 1, "length": 2})):
            request = clear(ask(op, 1, (floats(W),), {**given, "seed": seed}, "qref") for seed in range(SEEDS))
            more = ["zero-size"] if not np.size(W) else ["one-element"] * (np.size(W) == 1)
            more += ["fewer-distinct"] if "alike" in comment or comment == "zeros" else []
            yield codebook(suite, "small", request, comment, *more)
    for bits in (2, 3):
        W = [[1.0, 2, 3, 4], [-8, 5, 6, 7]] * 4
        for op, given in (("VectorCodebook", {}), ("ProductCodebook", {"length": 3})):
            asked = ({"bits": bits, "seed": seed, **given} for seed in range(SEEDS))
            request = clear(ask(op, 1, (floats(W),), one, "qref") for one in asked)
            comment = f"two kinds of rows, {1 << bits} centroids asked for"
            yield codebook(suite, "small", request, comment, "fewer-distinct", "empty-stays")


def refusals(suite: str) -> Iterator[Case]:
    """What k-means does not take."""
    W, nan, half = floats([[1, 2], [3, 4]]), floats([[1, np.nan], [3, 4]]), tensor([[1, 2]], "float16")
    finite = "QREF-QZ-001"
    for op, inputs, given, requirement, comment in (
        ("KMeansStart", (W,), {"bits": 0}, VALUES, "codes of no bits"),
        ("KMeansStart", (W,), {"bits": 9}, VALUES, "codes of nine bits"),
        ("KMeansStart", (floats([1, 2]),), {}, ASKED, "vectors of rank 1"),
        ("KMeansStart", (nan,), {}, finite, "NaN"),
        ("KMeansStart", (half,), {}, finite, "float16"),
        ("KMeansStart", (W,), {"seed": -1}, ASKED, "a seed below 0"),
        ("KMeansStep", (W, floats([[1, 2, 3]])), {}, ASKED, "centroids of three numbers, vectors of two"),
        ("KMeansStep", (W, floats(np.zeros((0, 2)))), {}, ASKED, "no centroids"),
        ("KMeansStep", (W, floats(np.zeros((257, 2)))), {}, ASKED, "257 centroids"),
        ("KMeansStep", (W, floats([1, 2])), {}, ASKED, "centroids of rank 1"),
        ("KMeansStep", (W, floats([[1, np.inf]])), {}, finite, "an infinite centroid"),
        ("VectorCodebook", (W,), {"bits": 9}, VALUES, "codes of nine bits"),
        ("VectorCodebook", (W,), {"layout": "blocks"}, "QREF-CB-001", "a layout that there is not"),
        ("VectorCodebook", (W,), {"iterations": -1}, ASKED, "fewer than no steps"),
        ("VectorCodebook", (nan,), {}, finite, "NaN among the weights"),
        ("ProductCodebook", (W,), {"length": 0}, ASKED, "sub-vectors of length 0"),
        ("ProductCodebook", (W,), {"bits": 0}, VALUES, "codes of no bits"),
        ("ProductCodebook", (W,), {"iterations": -1}, ASKED, "fewer than no steps"),
        ("ProductCodebook", (half,), {}, finite, "float16"),
    ):
        request = ask(op, 1, inputs, given, "qref")
        yield refused(suite, "refused", request, (requirement,), ("error",), comment)
