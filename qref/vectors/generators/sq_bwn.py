"""Cases of stochastic quantization: which rows are drawn, the hybrid they make, and a step of training."""

from collections.abc import Iterator
from itertools import count, islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.numerics.philox import words
from qref.quantizers.sq_bwn import SCHEDULE
from qref.vectors.case import Case
from qref.vectors.generators.binary_connect import floats
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

ERROR, ROULETTE, COUNT, HYBRID, STEP = (f"QREF-BW-{n:03}" for n in range(11, 16))


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from draws(suite)
    yield from corners(suite)
    yield from steps(suite)
    for value, word in ((np.nan, "NaN"), (np.inf, "infinity")):
        request = ask("StochasticQuantization", 1, (floats([[1.0, value]]),), domain="qref")
        yield refused(suite, "refused", request, ("QREF-QZ-001",), ("error",), f"{word} among the weights")
    request = ask("StochasticQuantization", 1, (floats([[1.0]]),), {"ratio": 101.0}, "qref")
    yield refused(suite, "ratio", request, (COUNT,), ("error",), "more than all rows")


def case(
    suite: str, slug: str, W: ArrayLike, ratio: float, seed: int, flags: tuple[str, ...], comment: str, tensor: int = 0
) -> Case:
    """A case of StochasticQuantization."""
    given = {"ratio": ratio, "seed": seed, "tensor": tensor}
    request = ask("StochasticQuantization", 1, (floats(W),), given, "qref")
    requirements = (ERROR, ROULETTE, COUNT, HYBRID, "QREF-BW-001", "QREF-BW-002")
    return judged(suite, slug, request, requirements, ("roulette", *flags), comment)


def draws(suite: str) -> Iterator[Case]:
    """The schedule, on rows of unlike errors."""
    draw = Draw("sq-bwn")
    for shape in ((8, 5), (8, 3, 2, 2), (5, 7), (16, 4)):
        for step, ratio in enumerate(SCHEDULE):
            W = draw.signed_float32(-6, 0, shape)
            yield case(
                suite, "random", W, ratio, 3 * step + 1, (), f"weights {list(shape)}, {ratio:g} % of the rows", step
            )
    for seed in (2, 5, 8, 13):
        comment = "errors from 0.3 to 1.5: the small ones come first, but not always"
        yield case(suite, "uneven", unlike(8), 50.0, seed, (), comment)
    for seed in (1, 2, 3):
        yield case(suite, "many", draw.signed_float32(-5, 0, (6, 3)), 83.0, seed, (), "five of six rows, none twice")


def unlike(rows: int) -> NDArray[np.float32]:
    """Rows that binarize ever worse: one weight grows beside three ones."""
    W = np.ones((rows, 4), np.float32)
    W[:, 0] = 2.0 ** np.arange(1, rows + 1)
    W[:, 1::2] *= -1
    return W


def corners(suite: str) -> Iterator[Case]:
    """Rows of zeros, rows that are signs already, one row, none."""
    exact = np.array([[1, -1, 1, 1], [1, 8, 1, 1], [0.5, 0.5, -0.5, 0.5], [1, 2, 4, 8]], np.float32)
    yield case(suite, "exact", exact, 50.0, 1, (), "two rows without error: f = 1/ε, and nobody else has a chance")
    zero = np.array([[0, -0.0, 0], [1, 3, 5], [2, 2, 9]], np.float32)
    yield case(suite, "zeros", zero, 34.0, 1, ("sign-of-zero",), "a row of zeros has error 0, and is drawn")
    yield case(suite, "none", [[1.0, 2.0], [3.0, 5.0]], 0.0, 1, (), "0 %: every row stays")
    yield case(suite, "all", [[1.0, 2.0], [-0.0, 5.0]], 100.0, 1, ("sign-of-zero",), "100 %: Binary-Weight Networks")
    yield case(suite, "count", unlike(3), 50.0, 1, (), "half of three rows: one stays, two are drawn")
    yield case(suite, "count", unlike(5), 75.0, 4, (), "75 % of five rows: one stays, four are drawn")
    yield case(suite, "count", unlike(7), 87.5, 4, (), "87.5 % of seven rows: none stays")
    yield case(suite, "count", unlike(10), 90.0, 4, (), "90 % of ten rows: one stays, exactly")
    yield case(suite, "count", unlike(5), 80.0, 4, (), "80 % of five rows: one stays, exactly")
    yield from small_errors(suite)
    yield case(suite, "one", [[1.0, -3.0]], 50.0, 1, ("one-element",), "half of one row: none stays")
    yield case(suite, "one", [[-2.0], [3.0]], 50.0, 1, ("one-element",), "rows of one weight have no error")
    yield case(suite, "vector", [1.0, -2.0, 4.0, -8.0], 50.0, 2, ("one-element",), "rank 1: every weight a row")
    yield case(suite, "empty", np.zeros((0, 3)), 50.0, 1, ("zero-size",), "no rows")
    bits = [[2.0**-100, -(2.0**-101), 3 * 2.0**-99], [1e36, -3e36, 2e36], [-0.0, 1.1, 4.3], [1.5, 2.0, 0.7]]
    yield case(suite, "kept", bits, 50.0, 6, ("magnitudes",), "rows that stay keep their bits, −0 and small ones too")


def small_errors(suite: str) -> Iterator[Case]:
    """Errors of 0 and of 2⁻²² or so: the chances of the rows are 77 % and 23 %, with a larger ε a half each."""
    W = np.array([[1 + 2.0**-21, -1], [1, -1]], np.float32)
    for low, high, comment in (
        (0.25, 0.42, "u between the share of the row with an error and a half: a larger ε takes that row"),
        (0.06, 0.20, "u below the share of the row with an error: a smaller ε takes the other"),
    ):
        fitting = (seed for seed in count(1) if low < words(seed, 0, 1)[0] * 2.0**-32 < high)
        for seed in islice(fitting, 2):
            yield case(suite, "epsilon", W, 50.0, seed, ("roulette-epsilon",), comment)


def steps(suite: str) -> Iterator[Case]:
    """∂C/∂a = g W̃ and W' = W − η gᵀ a."""
    draw = Draw("sq-bwn step")
    for (N, K, M), ratio, seed in (
        ((2, 4, 6), 50.0, 1),
        ((3, 5, 8), 75.0, 2),
        ((1, 3, 4), 50.0, 3),
        ((4, 2, 8), 87.5, 4),
    ):
        for eta in (0.01, 0.5):
            a, g = draw.signed_float32(-3, 1, (N, K)), draw.signed_float32(-3, 1, (N, M))
            W = draw.signed_float32(-5, 1, (M, K))
            given = {"ratio": ratio, "seed": seed, "learning_rate": eta}
            request = ask("StochasticQuantizationStep", 1, (floats(a), floats(W), floats(g)), given, "qref")
            comment = f"{N} samples, {K} inputs, {M} rows, {ratio:g} % of them binary"
            yield judged(
                suite, "random", request, (STEP, HYBRID, ROULETTE), ("roulette", "update", "binary-backward"), comment
            )
