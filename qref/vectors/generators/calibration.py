"""Cases of the calibrators and of ScaleOfRange: from batches to a range, from a range to scale and zero point."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.errors import BadVectors
from qref.numerics.tensor import tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

HISTOGRAM = ("QREF-CA-005", "QREF-CA-006")
REQUIREMENTS = {
    "CalibrateMinMax": ("QREF-CA-001", "QREF-CA-002"),
    "CalibrateMovingAverage": ("QREF-CA-001", "QREF-CA-003", "QREF-CA-004"),
    "CalibratePercentile": (*HISTOGRAM, "QREF-CA-007", "QREF-CA-008"),
    "CalibrateSquaredError": (*HISTOGRAM, "QREF-CA-007", "QREF-CA-009"),
    "CalibrateDivergence": (*HISTOGRAM, "QREF-CA-007", "QREF-CA-010", "QREF-CA-011"),
}
USUAL: dict[str, dict[str, Any]] = {
    "CalibrateMinMax": {},
    "CalibrateMovingAverage": {"constant": 0.25},
    "CalibratePercentile": {"percentile": 90.0, "bins": 16},
    "CalibrateSquaredError": {"highest": 7, "bins": 16},
    "CalibrateDivergence": {"levels": 4, "bins": 16},
}
TRIES = 400

Batches = list[NDArray[Any]]


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("calibration")
    for op in REQUIREMENTS:
        yield from every_calibrator(suite, op, draw)
    yield from averages(suite, draw)
    yield from percentiles(suite, draw)
    yield from squared_errors(suite, draw)
    yield from divergences(suite, draw)
    yield from scales(suite)


def every_calibrator(suite: str, op: str, draw: Draw) -> Iterator[Case]:
    """Batches of several sizes, growth, one number, zeros, nothing, what is refused."""

    def case(slug: str, batches: Sequence[ArrayLike], flags: tuple[str, ...], comment: str) -> Case:
        return asked(suite, op, slug, batches, flags, comment, **USUAL[op])

    if len(REQUIREMENTS[op]) > 3:
        yield from every_histogram(suite, op, draw)
    flag = {"CalibrateMovingAverage": "moving-average"}.get(op, "batches")
    for sizes in ((9,), (6, 0, 11), (3, 4, 5)):
        comment = f"batches of {', '.join(map(str, sizes))} numbers"
        yield searched(suite, op, "batches", partial(bells, draw, sizes), (flag,), comment, **USUAL[op])
    growing = "growing-histogram" if len(REQUIREMENTS[op]) > 3 else flag
    for factors in ((1, 4, 32), (32, 4, 1), (1, 0, 1000)):
        comment = f"batches {', '.join(map(str, factors))} times as wide"

        def grown(factors: tuple[int, ...] = factors) -> Batches:
            return [f * x for f, x in zip(factors, bells(draw, (24, 9, 7)))]

        yield searched(suite, op, "growing", grown, tuple(dict.fromkeys((growing, flag))), comment, **USUAL[op])
    for sign in (1, -1):
        comment = f"{'positive' if sign > 0 else 'negative'} numbers alone: the range holds zero all the same"

        def one_sided(sign: int = sign) -> Batches:
            return [sign * np.abs(x) + sign * 2 for x in bells(draw, (12, 5))]

        yield searched(suite, op, "one-sided", one_sided, ("range-without-zero",), comment, **USUAL[op])
    yield case("one", [[3.0]], ("one-element", "range-without-zero"), "one number")
    comment = "one number, a scalar, after an empty batch"
    yield searched(
        suite, op, "one", lambda: [np.zeros(0), -4 - bells(draw, (1,))[0][0]], ("one-element",), comment, **USUAL[op]
    )
    yield case("zeros", [[0.0, -0.0, 0.0]], ("zero-part",), "nothing but zeros: the range is 0 to 0")
    yield case("empty", [[], np.zeros((2, 0))], ("zero-size",), "no numbers at all: the range is 0 to 0")
    for value, word in ((np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "minus infinity")):
        inputs = (tensor([1.0], "float32"), tensor(np.array([1.0, value], np.float32), "float32"))
        request = ask(op, 1, inputs, USUAL[op], "qref")
        yield refused(suite, "refused", request, ("QREF-QZ-001",), ("error",), f"{word} in the second batch")


def every_histogram(suite: str, op: str, draw: Draw) -> Iterator[Case]:
    """Numbers at the end of a histogram, many zeros, zeros before all others."""
    for end in (2.0, -4.0):
        comment = f"the farthest number is {end:g}: the histogram ends at the next power of two, not there"

        def at_the_end(end: float = end) -> Batches:
            first, second = bells(draw, (20, 12))
            return [abs(end) / 4 * first, np.append(abs(end) / 4 * second, end)]

        yield searched(suite, op, "edge", at_the_end, ("histogram-end",), comment, **USUAL[op])
    comment = "a batch of zeros before any other number: bin 0 counts them"
    yield searched(
        suite, op, "zeros-first", lambda: [np.zeros(6), *bells(draw, (14, 9))], ("many-zeros",), comment, **USUAL[op]
    )
    comment = "after a ReLU: zeros are magnitudes as others are"
    yield searched(
        suite,
        op,
        "relu",
        lambda: [np.maximum(x, 0) for x in [np.full(5, -1.0), *bells(draw, (30, 18))]],
        ("many-zeros",),
        comment,
        **USUAL[op],
    )


def averages(suite: str, draw: Draw) -> Iterator[Case]:
    """Constants from the usual one to 1, and those that there are not."""
    for constant in (0.01, 0.1, 0.5, 1.0):
        for _ in range(2):
            batches = [x + i for i, x in enumerate(bells(draw, (4, 4, 4, 4)))]
            comment = f"four batches that drift, constant {constant}"
            yield asked(
                suite, "CalibrateMovingAverage", "drift", batches, ("moving-average",), comment, constant=constant
            )
    batches = [np.array([-1.0, -2.0]), np.array([-0.5, 3.0]), np.array([-4.0, -3.0])]
    comment = "the average of the largest passes zero: what stands below zero is widened at the end, not on the way"
    yield asked(
        suite,
        "CalibrateMovingAverage",
        "zero",
        batches,
        ("moving-average", "range-without-zero"),
        comment,
        constant=0.5,
    )
    for constant in (0.0, -0.5, 1.5):
        yield unknown(suite, "CalibrateMovingAverage", "QREF-CA-003", constant=constant)


def percentiles(suite: str, draw: Draw) -> Iterator[Case]:
    """From half to all, on both sides of zero; ties."""
    op = "CalibratePercentile"
    for percentile in (50.0, 75.0, 90.0, 99.0, 99.99, 100.0):
        for bins in (8, 64):
            comment = f"{percentile} % of the magnitudes in {bins} bins, more of them negative"

            def lopsided() -> Batches:
                return [np.where(x > 0, x / 8, x) for x in bells(draw, (64, 56))]

            flags = ("percentile-of-magnitudes",)
            yield searched(suite, op, "share", lopsided, flags, comment, percentile=percentile, bins=bins)
    ramp = [np.array([0.5, 1.5, -2.5, -3.5]), np.array([4.5, -5.5, -6.5, -7.5])]
    for percentile in (25.0, 50.0, 100.0):
        comment = f"a bin each: exactly {percentile} % are inside {percentile / 12.5:g} bins"
        yield asked(suite, op, "tie", ramp, ("tie", "percentile-of-magnitudes"), comment, percentile=percentile, bins=8)
    for wrong in ({"percentile": 0.0}, {"percentile": 100.5}, {"percentile": -1.0}):
        yield unknown(suite, op, "QREF-CA-008", **wrong)
    for bins in (0, 1, 7, -2, 1 << 21):
        yield unknown(suite, op, "QREF-CA-005", bins=bins)


def squared_errors(suite: str, draw: Draw) -> Iterator[Case]:
    """Few codes, that clip, and many, that do not."""
    op = "CalibrateSquaredError"
    for highest in (1, 3, 7, 15, 127, 255):
        for bins in (8, 32):
            comment = f"codes 0 to {highest}, {bins} bins"

            def tailed() -> Batches:
                first, second = bells(draw, (60, 40))
                return [first, np.append(second, 6.0)]

            flags = ("clipping-error",)
            yield searched(suite, op, "least", tailed, flags, comment, highest=highest, bins=bins)
    for highest, counts in (
        (1, (2, 0, 3, 2, 0, 3, 0, 2)),
        (2, (4, 0, 0, 0, 0, 1, 1, 1)),
        (4, (2, 1, 1, 1, 1, 1, 2, 4)),
    ):
        comment = f"codes 0 to {highest}, two thresholds of the same error: the larger is taken"
        yield asked(suite, op, "equal", [from_counts(counts)], ("equal-thresholds",), comment, highest=highest, bins=8)
    for highest in (7, 15):
        comment = f"codes 0 to {highest}, and the best threshold is fewer bins than that"

        def narrow() -> Batches:
            first, second = bells(draw, (60, 30))
            return [first / 4, np.append(second / 4, -3.75)]

        yield searched(suite, op, "narrow", narrow, ("clipping-error",), comment, highest=highest, bins=16)
    for highest in (0, -1, 256):
        yield unknown(suite, op, "QREF-CA-009", highest=highest)


def divergences(suite: str, draw: Draw) -> Iterator[Case]:
    """Levels that divide the bins and others, outliers, sparse histograms."""
    op = "CalibrateDivergence"
    for levels, bins in ((2, 8), (4, 16), (4, 32), (3, 16), (5, 24), (8, 64), (1, 6)):
        comment = f"{levels} levels, {bins} bins, few numbers far out"

        def tailed() -> Batches:
            first, second = bells(draw, (150, 90))
            return [first, np.append(second, [7.5, -7.75])]

        yield searched(suite, op, "outliers", tailed, ("outliers",), comment, levels=levels, bins=bins)
        comment = f"{levels} levels, {bins} bins, many of them empty"
        yield searched(
            suite, op, "sparse", lambda: [np.rint(4 * x) / 2 for x in bells(draw, (40, 9))], ("empty-bins",), comment,
            levels=levels, bins=bins
        )  # fmt: skip
    comment = "every bin of a level holds the same: nothing is lost by all bins, by fewer the outliers are"
    ramp = np.concatenate([np.repeat(i + 0.5, n) for i, n in enumerate((8, 8, 4, 4, 2, 2, 1, 1))])
    yield asked(suite, op, "even", [ramp], ("outliers",), comment, levels=4, bins=8)
    slide = np.concatenate([np.repeat(i + 0.5, n) for i, n in enumerate((1, 0, 2, 3, 5, 3, 1, 7))])
    yield asked(suite, op, "slide", [slide], ("empty-bins",), "the slides' eight bins and two levels", levels=2, bins=8)
    for levels, counts in ((1, (2,) * 8), (1, (0, 4, 0, 0, 2, 1, 0, 1))):
        comment = "several numbers of bins lose nothing: the smallest is taken"
        yield asked(suite, op, "equal", [from_counts(counts)], ("equal-thresholds",), comment, levels=levels, bins=8)
    for levels, counts in ((2, (3, 0, 5, 2, 0, 5, 0, 5)), (4, (0, 5, 3, 3, 0, 5, 0, 5)), (4, (8, 0, 0, 2, 5, 0, 2, 8))):
        comment = f"{levels} levels: all bins lose least, and nothing is clipped"
        yield asked(suite, op, "all", [from_counts(counts)], ("empty-bins",), comment, levels=levels, bins=8)
    for levels, counts in ((3, (1, 1, 2, 0, 1, 5, 0, 2)), (3, (0, 1, 0, 0, 1, 5, 0, 2)), (3, (0, 1, 0, 1, 1, 8, 0, 2))):
        comment = f"{levels} levels: the last bin is empty but for what is clipped, and a level is spread over it too"
        yield asked(suite, op, "last", [-from_counts(counts)], ("outliers",), comment, levels=levels, bins=8)
    for levels, counts in ((1, (0, 3, 0, 1, 1, 3, 1, 8)), (1, (0, 0, 0, 0, 1, 5, 3, 2)), (2, (0, 0, 0, 8, 0, 0, 8, 8))):
        comment = f"{levels} levels: empty bins are no part of P or Q"
        yield asked(suite, op, "holes", [from_counts(counts)], ("empty-bins",), comment, levels=levels, bins=8)
    for wrong in ({"levels": 0}, {"levels": 17, "bins": 16}):
        yield unknown(suite, op, "QREF-CA-010", **wrong)


def scales(suite: str) -> Iterator[Case]:
    """Both types, both kinds, ranges on both sides and on one, ties, nothing, extremes."""
    ranges = [
        (-0.6, 1.0), (-1.0, 1.5), (-3.0, 0.7), (-0.1, 12.5), (0.0, 6.0), (2.0, 6.0), (-6.0, -2.0), (-128.0, 127.0),
        (-0.5, 254.5), (-1.5, 253.5), (0.0, 0.0), (2.0**-130, 2.0**-128), (-(2.0**-149), 0.0), (-(2.0**100), 2.0**99),
    ]  # fmt: skip
    for low, high in ranges:
        for dtype in ("uint8", "int8"):
            for symmetric in (0, 1):
                flags = ["symmetric-range" if symmetric else "zero-point"]
                flags += ["range-without-zero"] if low > 0 or high < 0 else []
                flags += ["tie"] if low in (-0.5, -1.5) else ["zero-part"] if low == high else []
                flags += ["subnormal"] if 0 < max(-low, high) < 2.0**-126 else []
                comment = f"{low:g} to {high:g} as {dtype}{', symmetric' if symmetric else ''}"
                inputs = tensor(low, "float32"), tensor(high, "float32")
                request = ask("ScaleOfRange", 1, inputs, {"type": dtype, "symmetric": symmetric}, "qref")
                yield judged(suite, "range", request, ("QREF-CA-012",), flags, comment)
    for low, high, given, comment in (
        (1.0, -1.0, {}, "lowest above highest"),
        (-1.0, 1.0, {"type": "int16"}, "a type of sixteen bits"),
        (-1.0, 1.0, {"symmetric": 2}, "symmetric neither 0 nor 1"),
        (-np.inf, 1.0, {}, "infinity"),
    ):
        inputs = tensor(low, "float32"), tensor(high, "float32")
        request = ask("ScaleOfRange", 1, inputs, given, "qref")
        yield refused(suite, "refused", request, ("QREF-CA-012",), ("error",), comment)


def from_counts(counts: Sequence[int]) -> NDArray[Any]:
    """Numbers that fill as many bins of width 1 so, each near the end of its bin."""
    return np.repeat(np.arange(len(counts)) + 15 / 16, counts)


def bells(draw: Draw, sizes: Sequence[int]) -> Batches:
    """Batches of sums of four numbers from −1 to 1: bell-shaped, multiples of 2⁻¹⁰."""
    return [draw.integers(-1024, 1024, (4, n)).sum(axis=0) / 1024 for n in sizes]


def asked(
    suite: str,
    op: str,
    slug: str,
    batches: Sequence[ArrayLike],
    flags: tuple[str, ...],
    comment: str,
    **attributes: Any,
) -> Case:
    """A case of these batches."""
    inputs = tuple(tensor(np.asarray(batch, np.float32), "float32") for batch in batches)
    return judged(suite, slug, ask(op, 1, inputs, attributes, "qref"), REQUIREMENTS[op], flags, comment)


def searched(
    suite: str, op: str, slug: str, batches: Callable[[], Batches], flags: tuple[str, ...], comment: str, **given: Any
) -> Case:
    """The first draw whose decisions keep the margin."""
    for _ in range(TRIES):
        with suppress(BadVectors):
            return asked(suite, op, slug, batches(), flags, comment, **given)
    raise BadVectors(f"{op}: no draw of {TRIES} keeps the margin: {comment}")


def unknown(suite: str, op: str, requirement: str, **attributes: Any) -> Case:
    """Attributes that there are not."""
    request = ask(op, 1, (tensor([1.0, 2.0], "float32"),), attributes, "qref")
    comment = ", ".join(f"{name} {value}" for name, value in attributes.items())
    return refused(suite, "refused", request, (requirement,), ("error",), comment)
