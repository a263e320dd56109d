"""Cases of low rank: factors of five methods, weights from them, singular values, ranks."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.numerics.tensor import tensor
from qref.ops import bounds, margin, run
from qref.ops.request import Request
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

(EXACT, ORDER, SVD, CHANNEL, SPATIAL, TUCKER, SWEEPS, ALS, NORMAL, ENERGY, SPEED, _, RECONSTRUCT, REFUSED, NEAREST) = (
    f"QREF-LR-{n:03d}" for n in range(1, 16)
)
APART = 0.02  # of singular values and of signs: bounds of vectors grow as distances shrink
SHARP = 1e-4  # tolerance of the largest element
TWO = {"rank": 2}


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from products(suite)
    yield from kernels(suite)
    yield from tucker(suite)
    yield from canonical(suite)
    yield from reconstructed(suite)
    yield from approximated(suite)
    yield from values(suite)
    yield from energies(suite)
    yield from speeds(suite)
    yield from caps(suite)
    yield from axes(suite)
    yield from refusals(suite)


def asked(op: str, W: ArrayLike, **attributes: Any) -> Request:
    return ask(op, 1, (tensor(np.asarray(W, np.float32), "float32"),), attributes, "qref")


def drawn(draw: Draw, op: str, shape: tuple[int, ...], **attributes: Any) -> Request:
    """The first weights drawn whose factors are clear and sharp."""
    while True:
        request = asked(op, draw.signed_float32(-3, 0, shape), **attributes)
        if (margin(request) or 1.0) >= APART and sharp(request):
            return request


def sharp(request: Request) -> bool:
    """Whether every tolerance is small beside the largest element of its output."""
    found = bounds(request)
    outputs = run(request)
    return found is None or all(
        bound.tolerance.max(initial=0.0) <= SHARP * np.abs(y.data).max(initial=0.0) for y, bound in zip(outputs, found)
    )


def products(suite: str) -> Iterator[Case]:
    """Matrices: the truncated SVD."""
    draw = Draw("low rank svd")

    def case(slug: str, request: Request, flags: tuple[str, ...], comment: str) -> Case:
        return judged(suite, slug, request, (EXACT, ORDER, SVD), flags, comment)

    for shape in ((4, 6), (6, 4), (5, 5), (7, 9)):
        for rank in (1, 2, min(shape)):
            for sigma in ("first", "last", "even"):
                request = drawn(draw, "LowRankSvd", shape, rank=rank, sigma=sigma)
                flags = ("truncated", "sigma-in-factors", "sign-of-vectors")
                yield case("random", request, flags, f"weights {list(shape)}, rank {rank}, Σ {sigma}")
    for shape, words in (((1, 5), "one row"), ((5, 1), "one column"), ((1, 1), "one weight")):
        yield case("one", drawn(draw, "LowRankSvd", shape), ("one-element", "sigma-in-factors"), f"{words}: rank 1")
    W = np.outer([1, -2, 0, 0.5], [2, 0, -1, 4, 8])
    yield case("rank-one", asked("LowRankSvd", W), ("sigma-in-factors", "sign-of-vectors"), "a product of two vectors")
    diagonal = np.diag([0.5, -4.0, 2.0])
    comment = "a diagonal matrix: σ 4, 2 and 0.5 in this order, signs in the right vectors"
    yield case("diagonal", asked("LowRankSvd", diagonal, **TWO), ("sign-of-vectors", "truncated"), comment)
    for exponent in (-100, 100):
        W = np.ldexp(drawn(draw, "LowRankSvd", (4, 5), **TWO).inputs[0].data, exponent)  # type: ignore[union-attr]
        comment = f"weights of about 2^{exponent}: their squares leave float32's range"
        for sigma in ("first", "even"):
            request = asked("LowRankSvd", W, sigma=sigma, **TWO)
            yield case("scaled", request, ("wide-range", "sigma-in-factors"), comment)
    zeros = asked("LowRankSvd", np.zeros((3, 4)), sigma="even", **TWO)
    yield case("zeros", zeros, ("zero-part",), "no singular value but 0: both factors are 0")


def kernels(suite: str) -> Iterator[Case]:
    """Kernels: channel and spatial decomposition."""
    draw = Draw("low rank kernels")
    for op, requirement, shapes in (
        ("LowRankChannel", CHANNEL, ((4, 3, 3, 3), (5, 3, 2, 3), (5, 4, 1, 1), (4, 3, 5), (3, 2, 2, 1, 2))),
        ("LowRankSpatial", SPATIAL, ((4, 3, 3, 3), (2, 3, 2, 4), (4, 2, 3, 2), (3, 5, 1, 3), (1, 1, 3, 3))),
    ):
        flag = "filters-then-points" if op == "LowRankChannel" else "vertical-then-horizontal"
        for shape in shapes:
            for rank in (1, 2, 3):
                for sigma in ("even", "first", "last") if rank == 2 else ("even",):
                    if op == "LowRankSpatial" and shape == (1, 1, 3, 3) and rank == 3:
                        continue
                    request = drawn(draw, op, shape, rank=rank, sigma=sigma)
                    flags = (flag, "truncated", "sigma-in-factors", "sign-of-vectors")
                    comment = f"kernel {list(shape)}, rank {rank}, Σ {sigma}"
                    yield judged(suite, "random", request, (EXACT, ORDER, requirement), flags, comment)
        zeros = asked(op, np.zeros((2, 3, 3, 3)), rank=2)
        yield judged(suite, "zeros", zeros, (ORDER, requirement), ("zero-part",), "a kernel of zeros")
    sobel = np.array([[[[1, 2, 1]], [[0, 0, 0]]]], np.float32).reshape(1, 2, 1, 3) + np.zeros((2, 2, 3, 3), np.float32)
    sobel[:, :, 1] *= 2
    sobel[1] *= -0.5
    request = asked("LowRankSpatial", sobel)
    comment = "a column times a row in each pair of channels: one vertical and one horizontal filter hold it all"
    yield judged(suite, "separable", request, (SPATIAL,), ("vertical-then-horizontal",), comment)


def tucker(suite: str) -> Iterator[Case]:
    """Tucker-2 with and without sweeps."""
    draw = Draw("low rank tucker")
    for shape, ranks in (
        ((4, 3, 3, 3), ((1, 1), (2, 2), (1, 3), (3, 2), (3, 4))),
        ((3, 4, 1, 2), ((2, 2), (1, 2))),
        ((4, 5, 3), ((2, 3),)),
        ((3, 3, 2, 2, 1), ((2, 1),)),
    ):
        for rank_in, rank_out in ranks:
            for sweeps in (0, 1):
                given = {"rank_in": rank_in, "rank_out": rank_out, "sweeps": sweeps}
                request = drawn(draw, "Tucker2", shape, **given)
                flags = ["core-of-projections", "sign-of-vectors"]
                flags += ["two-ranks"] if rank_in != rank_out else []
                flags += ["iterated-projections"] if sweeps else []
                words = f"kernel {list(shape)}, {rank_in} channels in and {rank_out} out, {sweeps} sweeps"
                requirements = (EXACT, ORDER, TUCKER, *((SWEEPS,) if sweeps else ()))
                yield judged(suite, "random", request, requirements, tuple(flags), words)
    zeros = asked("Tucker2", np.zeros((3, 2, 3, 3)), rank_in=2, rank_out=2, sweeps=1)
    yield judged(suite, "zeros", zeros, (TUCKER,), ("zero-part",), "a kernel of zeros: vectors and core are 0")


def canonical(suite: str) -> Iterator[Case]:
    """CP: alternating least squares."""
    draw = Draw("low rank cp")
    for shape in ((4, 3, 3, 3), (3, 5, 2, 3), (5, 4, 3, 2)):
        for rank, sweeps, seed in ((1, 1, 0), (1, 2, 1), (2, 1, 0), (2, 2, 7), (3, 1, 2)):
            request = drawn(draw, "CpDecomposition", shape, rank=rank, sweeps=sweeps, seed=seed)
            flags = ["alternating-least-squares", "size-in-one-factor", *(["several-sweeps"] if sweeps > 1 else [])]
            comment = f"kernel {list(shape)}, {rank} terms, {sweeps} sweeps from seed {seed}"
            yield judged(suite, "random", request, (EXACT, ALS, NORMAL), tuple(flags), comment)
    one = np.einsum("a,b,c,d->abcd", [1, -2, 0.5], [4, 1], [1, 3, -1], [2, 1, 0])
    request = asked("CpDecomposition", one, sweeps=2)
    comment = "one product of four vectors, whose error is 0 after one sweep"
    yield judged(suite, "rank-one", request, (ALS, NORMAL), ("size-in-one-factor",), comment)
    zeros = asked("CpDecomposition", np.zeros((2, 2, 3, 3)), sweeps=1)
    yield judged(suite, "zeros", zeros, (ALS, NORMAL), ("zero-part",), "a kernel of zeros: all factors are 0")


FACTORS: dict[str, tuple[tuple[tuple[int, ...], ...], ...]] = {
    "svd": (((2, 5), (4, 2)), ((1, 3), (3, 1)), ((0, 3), (2, 0))),
    "channel": (((2, 3, 3, 3), (4, 2, 1, 1)), ((3, 2, 4), (5, 3, 1)), ((1, 2, 2, 1, 2), (3, 1, 1, 1, 1))),
    "spatial": (((2, 3, 3, 1), (4, 2, 1, 3)), ((3, 2, 2, 1), (2, 3, 1, 4))),
    "tucker2": (((2, 4, 1, 1), (3, 2, 3, 3), (5, 3, 1, 1)), ((2, 3, 1), (2, 2, 4), (3, 2, 1))),
    "cp": (((2, 3, 1, 1), (2, 1, 3, 1), (2, 1, 1, 2), (4, 2, 1, 1)), ((3, 2, 1), (3, 1, 4), (3, 3, 1))),
}


def reconstructed(suite: str) -> Iterator[Case]:
    """Factors → weights."""
    draw = Draw("low rank reconstruct")
    for method, every in FACTORS.items():
        for shapes in every:
            for low, high in ((-3, 0), (-12, 6)):
                factors = tuple(tensor(draw.signed_float32(low, high, shape), "float32") for shape in shapes)
                request = ask("LowRankReconstruct", 1, factors, {"method": method}, "qref")
                flags = ("zero-size",) if 0 in shapes[0] else ("product-of-factors", f"factors-{method}")
                comment = f"{method}, factors {[list(s) for s in shapes]} over {high - low + 1} binades"
                yield judged(suite, "random", request, (RECONSTRUCT,), flags, comment)
    cancel = tuple(tensor(np.asarray(F, np.float32), "float32") for F in ([[1, 3], [1, -3]], [[2**24, 2**24], [1, 0]]))
    request = ask("LowRankReconstruct", 1, cancel, {}, "qref")
    yield judged(suite, "cancel", request, (RECONSTRUCT,), ("product-of-factors",), "sums near 2^25, and of nothing")


def approximated(suite: str) -> Iterator[Case]:
    """The nearest matrix of a rank."""
    draw = Draw("low rank approximation")
    shapes: dict[str, tuple[tuple[int, ...], ...]] = {
        "output": ((4, 6), (6, 4), (4, 3, 3, 3), (3, 4, 5)),
        "input": ((4, 6), (4, 3, 3, 3), (3, 4, 2)),
        "spatial": ((4, 3, 3, 3), (3, 2, 2, 4)),
    }
    op = "LowRankApproximation"
    for kind, every in shapes.items():
        for shape in every:
            for rank in (1, 2, 3):
                request = drawn(draw, op, shape, rank=rank, matricization=kind)
                comment = f"weights {list(shape)} as a matrix by {kind}, rank {rank}"
                yield judged(suite, "random", request, (EXACT, NEAREST), ("nearest", f"matrix-{kind}"), comment)
    cluster = np.array([[0, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0.5], [0, 0, 1, 0]])
    comment = "two equal singular values, both kept: their vectors are anybody's, the approximation is not"
    yield judged(suite, "equal", asked(op, cluster, **TWO), (NEAREST,), ("nearest", "equal-singular-values"), comment)
    full = drawn(draw, op, (3, 4), rank=3)
    yield judged(suite, "full", full, (NEAREST,), ("nearest",), "full rank: the weights themselves")
    low = asked(op, np.outer([1, 2, -1], [4, 0, 1, 2]), **TWO)
    yield judged(suite, "low", low, (NEAREST,), ("nearest",), "rank 1 already: rank 2 has nothing to add")


def values(suite: str) -> Iterator[Case]:
    """Singular values."""
    draw = Draw("singular values")

    def case(slug: str, W: ArrayLike, flags: tuple[str, ...], comment: str, kind: str = "output") -> Case:
        request = asked("SingularValues", W, matricization=kind)
        return judged(suite, slug, request, (EXACT, ORDER), flags, comment)

    for shape in ((4, 6), (6, 4), (1, 7), (7, 1), (8, 8), (4, 3, 3, 3), (3, 4, 2)):
        for kind in ("output", "input", "spatial") if len(shape) == 4 else ("output", "input"):
            flags = ("singular-values", f"matrix-{kind}")
            yield case("random", draw.signed_float32(-4, 1, shape), flags, f"weights {list(shape)} by {kind}", kind)
    yield case("diagonal", np.diag([1, -3, 0.5, 2]), ("singular-values",), "magnitudes in falling order")
    yield case("equal", np.eye(4), ("equal-singular-values",), "all equal to 1")
    dependent = np.array([[1, 2, 3, 4], [2, 4, 6, 8], [1, 0, 1, 0]], np.float32)
    yield case("dependent", dependent, ("singular-values",), "rank 2: the third is 0")
    yield case("zeros", np.zeros((3, 2)), ("zero-part",), "all are 0")
    for shape in ((0, 3), (3, 0)):
        yield case("empty", np.zeros(shape), ("zero-size",), "none")
    for exponent in (-100, 100):
        W = np.ldexp(draw.signed_float32(-2, 0, (3, 4)), exponent)
        comment = f"weights of about 2^{exponent}: their squares leave float32's range"
        yield case("scaled", W, ("wide-range", "singular-values"), comment)
    graded = np.ldexp(draw.signed_float32(0, 0, (4, 4)), np.array([0, -8, -16, -24])[:, np.newaxis])
    yield case("graded", graded, ("singular-values",), "rows of sizes 1 to 2^-24: small values beside large ones")


def energies(suite: str) -> Iterator[Case]:
    """Ranks that keep a share of the energy."""
    draw = Draw("rank of energy")
    for shape in ((6, 8), (8, 5), (4, 3, 3, 3)):
        for kind in ("output", "input", "spatial") if len(shape) == 4 else ("output",):
            for energy in (0.3, 0.5, 0.8, 0.9, 0.95):
                while True:
                    request = asked(
                        "RankOfEnergy", draw.signed_float32(-5, 0, shape), energy=energy, matricization=kind
                    )
                    if (margin(request) or 0) > 1e-3:
                        break
                comment = f"weights {list(shape)} by {kind}, {energy} of the energy"
                yield judged(suite, "random", request, (ENERGY,), ("share-of-energy", f"matrix-{kind}"), comment)
    for W, energy, comment in (
        (np.eye(4), 0.5, "two of four equal values have half of the energy"),
        (np.eye(4), 0.75, "three of four equal values have three quarters"),
        (np.eye(4), 1.0, "all of the energy"),
        (np.diag([0, 2, 0, 0, 1, -1, 1, 1]), 0.5, "2² is half of 2² + 1 + 1 + 1 + 1"),
        (np.diag([1, 0, -1, 0]), 1.0, "zeros add nothing: two values are all"),
    ):
        request = asked("RankOfEnergy", W, energy=energy)
        yield judged(suite, "equal", request, (ENERGY,), ("energy-met-exactly", "share-of-energy"), comment)
    steep = np.diag([8, 4, 2, 1])
    for energy, comment in ((0.75, "64 of 85"), (0.9, "80 of 85"), (0.99, "84 of 85 are less than 0.99")):
        yield judged(
            suite, "steep", asked("RankOfEnergy", steep, energy=energy), (ENERGY,), ("share-of-energy",), comment
        )
    zeros = asked("RankOfEnergy", np.zeros((3, 4)))
    yield judged(suite, "zeros", zeros, (ENERGY,), ("zero-part",), "no energy at all: one channel, the least there is")
    empty = asked("RankOfEnergy", np.zeros((0, 4)))
    yield judged(suite, "empty", empty, (ENERGY,), ("zero-size",), "no singular value: rank 0")


def of_shape(shape: ArrayLike, **attributes: Any) -> Request:
    return ask("RankOfSpeed", 1, (tensor(np.asarray(shape, np.int64), "int64"),), attributes, "qref")


def speeds(suite: str) -> Iterator[Case]:
    """Ranks that make the layer so much less work."""
    shapes: dict[str, tuple[tuple[int, ...], ...]] = {
        "svd": ((64, 128), (10, 64), (4096, 4096)),
        "channel": ((64, 32, 3, 3), (16, 64, 1, 1), (24, 8, 5)),
        "spatial": ((64, 32, 3, 3), (16, 16, 5, 7)),
        "tucker2": ((64, 32, 3, 3), (24, 48, 1, 5), (16, 16, 3)),
        "cp": ((64, 32, 3, 3), (24, 16, 5), (20, 30, 5, 3)),
    }
    for method, every in shapes.items():
        for shape in every:
            for speed in (1.0, 2.0, 3.7):
                request = of_shape(shape, method=method, speed=speed)
                comment = f"{method}, weights {list(shape)}, {speed:g} times less work"
                yield judged(suite, "random", request, (SPEED,), ("work-of-all-layers", f"work-{method}"), comment)
            if len(shape) == 4 and method in ("spatial", "tucker2", "cp"):
                request = of_shape(shape, method=method, strides=[1, 2])
                comment = f"{method}, a stride of 2 along x: layers before it have more positions"
                yield judged(suite, "strides", request, (SPEED,), ("work-before-strides", f"work-{method}"), comment)
    exact = of_shape((4, 6), method="svd", speed=1.2)
    comment = "2·(4 + 6) is 24/1.2, but 1.2 as float32 is a little more: rank 1"
    yield judged(suite, "equal", exact, (SPEED,), ("work-met-exactly",), comment)
    equal = of_shape((8, 8), method="svd", speed=2.0)
    yield judged(suite, "equal", equal, (SPEED,), ("work-met-exactly",), "2·(8 + 8) is 64/2: as much is allowed")
    equal = of_shape((16, 16), method="svd", speed=4.0)
    yield judged(suite, "equal", equal, (SPEED,), ("work-met-exactly",), "2·(16 + 16) is 256/4")
    for method, shape in (("svd", (3, 3)), ("tucker2", (2, 2, 1, 1))):
        none = of_shape(shape, method=method, speed=8.0)
        yield judged(suite, "none", none, (SPEED,), ("work-of-all-layers",), f"{method}: no rank is that cheap: 0")


def caps(suite: str) -> Iterator[Case]:
    """Ranks that the work allows and the matrices have not."""
    for method, shape, speed in (
        ("svd", (4, 4), 0.25),
        ("channel", (8, 2, 3, 3), 0.5),
        ("spatial", (4, 4, 3, 3), 0.25),
        ("tucker2", (64, 2, 3), 1.0),
        ("tucker2", (64, 2, 1, 2), 1.0),
    ):
        request = of_shape(shape, method=method, speed=speed)
        comment = f"{method}, weights {list(shape)}, {speed:g} times less work: more ranks than there are"
        yield judged(suite, "capped", request, (SPEED,), ("work-of-all-layers", f"work-{method}"), comment)


def axes(suite: str) -> Iterator[Case]:
    """Kernels and strides that tell the vertical axis from the horizontal one."""
    draw = Draw("low rank axes")
    for method in ("spatial", "tucker2", "cp"):
        request = of_shape((24, 32, 3, 5), method=method, strides=[2, 1])
        comment = f"{method}, a stride of 2 along y: layers before it have more positions"
        yield judged(suite, "strides", request, (SPEED,), ("work-before-strides", f"work-{method}"), comment)
    for shape in ((3, 2, 2, 4), (2, 4, 3, 3)):
        request = asked("SingularValues", draw.signed_float32(-4, 1, shape), matricization="spatial")
        flags = ("singular-values", "matrix-spatial")
        yield judged(suite, "random", request, (EXACT, ORDER), flags, f"weights {list(shape)} by spatial")
    for side in (2, 3):
        shapes = ((2, 3, 1, 1), (2, 1, side, 1), (2, 1, 1, side), (4, 2, 1, 1))
        factors = tuple(tensor(draw.signed_float32(-3, 0, shape), "float32") for shape in shapes)
        request = ask("LowRankReconstruct", 1, factors, {"method": "cp"}, "qref")
        comment = f"cp of a square kernel, factors {[list(shape) for shape in shapes]}"
        yield judged(suite, "square", request, (RECONSTRUCT,), ("product-of-factors", "factors-cp"), comment)


def refusals(suite: str) -> Iterator[Case]:
    """What has no answer."""
    W, kernel = np.eye(3, 4), np.ones((2, 3, 3, 3))
    short = [tensor(np.ones(shape, np.float32), "float32") for shape in ((2, 5), (4, 3))]
    empty: NDArray[Any] = np.zeros((0, 4))
    requests: tuple[tuple[str, Request, str], ...] = (
        ("rank", asked("LowRankSvd", W, rank=0), "rank 0"),
        ("rank", asked("LowRankSvd", W, rank=4), "rank 4 of a matrix of three rows"),
        ("rank", asked("LowRankSvd", empty), "rank 1 of no weights"),
        ("rank", asked("LowRankSpatial", kernel, rank=7), "rank 7 of a matrix [9, 6]"),
        ("rank", asked("LowRankApproximation", W, rank=4), "rank 4 of a matrix of three rows"),
        ("rank", asked("Tucker2", kernel, rank_in=4), "four of three input channels"),
        ("rank", asked("Tucker2", np.ones((3, 3, 1, 1)), rank_in=1, rank_out=2), "more dimensions than the core has"),
        ("rank", asked("CpDecomposition", kernel, rank=0), "no terms"),
        ("sweeps", asked("CpDecomposition", kernel, sweeps=0), "no sweep"),
        ("sweeps", asked("Tucker2", kernel, sweeps=-1), "fewer than no sweeps"),
        ("axes", asked("LowRankSvd", kernel), "a kernel where a matrix is wanted"),
        ("axes", asked("LowRankChannel", W), "a matrix where a kernel is wanted"),
        ("axes", asked("LowRankSpatial", np.ones((2, 3, 3))), "one spatial axis"),
        ("sigma", asked("LowRankSvd", W, sigma="both"), "a split that there is not"),
        ("matrix", asked("SingularValues", W, matricization="rows"), "a matricization that there is not"),
        ("matrix", asked("SingularValues", W, matricization="spatial"), "no spatial axes"),
        ("energy", asked("RankOfEnergy", W, energy=0.0), "nothing of the energy"),
        ("energy", asked("RankOfEnergy", W, energy=1.5), "more than all of the energy"),
        ("speed", of_shape((4, 4), speed=0.0), "no speed"),
        ("method", of_shape((4, 4), method="winograd"), "a method that is none of these"),
        ("axes", of_shape((4, 4), method="spatial"), "a matrix by spatial decomposition"),
        ("shapes", ask("LowRankReconstruct", 1, short, {}, "qref"), "two channels, then three"),
        ("shapes", ask("LowRankReconstruct", 1, short, {"method": "cp"}, "qref"), "two factors of matrices"),
    )
    for slug, request, comment in requests:
        yield refused(suite, slug, request, (REFUSED,), ("error",), comment)
    for op in ("LowRankSvd", "SingularValues"):
        W = np.eye(2)
        W[1, 0] = np.nan
        yield refused(suite, "nan", asked(op, W), (REFUSED, "QREF-QZ-001"), ("error",), "NaN among the weights")
