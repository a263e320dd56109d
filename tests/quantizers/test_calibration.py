"""Calibrators: what they give, that batches do not matter where they should not, and ONNX Runtime beside them."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import tensor
from qref.ops.qref.calibration import (
    calibrate_divergence,
    calibrate_min_max,
    calibrate_squared_error,
    divergence_margin,
    squared_error_margin,
)
from qref.quantizers import CALIBRATORS
from qref.quantizers.calibration.divergence import Divergence, best, divergence, exact_divergence, terms
from qref.quantizers.calibration.histogram import Histogram, merged
from qref.quantizers.calibration.min_max import MinMax
from qref.quantizers.calibration.moving_average import MovingAverage
from qref.quantizers.calibration.percentile import Percentile, bins_inside
from qref.quantizers.calibration.scale_of_range import LIMITS, scale_of_range
from qref.quantizers.calibration.squared_error import SquaredError, errors

BATCH = arrays(np.float32, st.integers(0, 9), elements=st.floats(-100, 100, width=32))
COUNTS = st.lists(st.integers(0, 30), min_size=6, max_size=12).map(lambda n: np.array(n[: len(n) // 2 * 2]))
WITHOUT_ORDER = ("min-max", "percentile", "squared-error", "divergence")


SMALLER = {"divergence": Divergence(16, Histogram(128)), "squared-error": SquaredError(7, Histogram(128))}


def watched(name: str, batches: list[np.ndarray]) -> Any:
    """The calibrator of a name that has seen batches; of few bins where many would take long."""
    calibrator = SMALLER.get(name) or CALIBRATORS[name]()
    for batch in batches:
        calibrator = calibrator.update(batch)
    return calibrator


@pytest.mark.requirement("QREF-CA-001")
@pytest.mark.parametrize("name", CALIBRATORS)
def test_nothing_and_zeros_have_the_range_of_zero(name: str) -> None:
    for batches in ([], [np.zeros(0, np.float32)], [np.zeros((2, 3), np.float32)]):
        assert watched(name, batches).range() == (0.0, 0.0)
    x = np.array([[-1.0, 2.0]], np.float32)
    assert watched(name, [x, np.zeros(0, np.float32)]).range() == watched(name, [x]).range()
    assert [float(y.data) for y in calibrate_min_max(tensor([-1.0], "float32"), tensor(2.0, "float32"))] == [-1, 2]


@pytest.mark.parametrize("name", CALIBRATORS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=r"batch\[1\]"):
        CALIBRATORS[name]().update(np.array([1, value], np.float32))
    with pytest.raises(InvalidInput, match="give float32"):
        CALIBRATORS[name]().update(np.array([1.0]))


@pytest.mark.parametrize("name", WITHOUT_ORDER)
@given(batches=st.lists(BATCH, max_size=3))
def test_batches_and_their_order_do_not_matter(name: str, batches: list[np.ndarray]) -> None:
    wanted = watched(name, [np.concatenate([np.zeros(0, np.float32), *batches])]).range()
    assert all(watched(name, order).range() == wanted for order in (batches, batches[::-1]))


@pytest.mark.parametrize("name", CALIBRATORS)
@given(x=BATCH, e=st.integers(-20, 20))
def test_a_power_of_two_scales_the_range(name: str, x: np.ndarray, e: int) -> None:
    x = np.where(np.abs(x) < 2.0**-40, np.float32(0), x)
    low, high = watched(name, [x]).range()
    assert watched(name, [np.ldexp(x, e)]).range() == (np.ldexp(low, e), np.ldexp(high, e))
    assert low <= 0 <= high
    assert x.min(initial=0.0) <= low and high <= x.max(initial=0.0)


@pytest.mark.requirement("QREF-CA-002")
def test_min_max_holds_zero() -> None:
    batches = [np.array([2.0, 3.0], np.float32), np.array([2.5, 7.0], np.float32)]
    assert MinMax().update(batches[0]).update(batches[1]).range() == (0.0, 7.0)
    assert MinMax().update(-batches[1]).range() == (-7.0, 0.0)


@pytest.mark.requirement("QREF-CA-003")
def test_a_moving_average_follows_its_batches_exactly() -> None:
    average = MovingAverage(0.25)
    for low, high in ((-1.0, 4.0), (-5.0, 0.0), (-1.0, 12.0)):
        average = average.update(np.array([low, 0.0, high], np.float32))
    assert (average.lowest, average.highest) == (Fraction(-7, 4), Fraction(21, 4))
    for constant in (0.0, -1.0, 1.01, float("nan")):
        with pytest.raises(InvalidInput, match="give a number above 0"):
            MovingAverage(constant)


@pytest.mark.requirement("QREF-CA-004")
def test_the_first_batch_sets_the_average_and_zero_comes_in_at_the_end() -> None:
    first = MovingAverage().update(np.zeros(0, np.float32)).update(np.array([3.0, 5.0], np.float32))
    assert first.range() == (0.0, 5.0)
    second = first.update(np.array([-97.0, 5.0], np.float32))
    assert second.lowest == 3 + Fraction(float(np.float32(0.01))) * -100


@pytest.mark.requirement("QREF-CA-005")
def test_bins_are_half_open_below_the_next_power_of_two() -> None:
    found = Histogram(8).update(np.array([0.0, -0.0, 0.49, 0.5, -1.0, 3.99], np.float32))
    assert found.counts is not None and found.counts.tolist() == [3, 1, 1, 0, 0, 0, 0, 1]
    assert Histogram(8).update(np.array([4.0], np.float32)).width == 1
    assert Histogram(2).update(np.array([2.0**-149], np.float32)).width == Fraction(1, 2**149)
    for bins in (0, 1, 9, -4, 2**20 + 2):
        with pytest.raises(InvalidInput, match="give an even number"):
            Histogram(bins)


@pytest.mark.requirement("QREF-CA-006")
def test_a_histogram_grows_by_merging_pairs() -> None:
    assert merged(np.array([1, 2, 3, 4, 5, 6]), 1).tolist() == [3, 7, 11, 0, 0, 0]
    assert merged(np.array([1, 2, 3, 4]), 9).tolist() == [10, 0, 0, 0]
    narrow = Histogram(4).update(np.array([0.1, 0.3, 0.6, 0.9], np.float32))
    assert narrow.found.tolist() == [1, 1, 1, 1]
    wide = narrow.update(np.array([3.5], np.float32))
    assert wide.found.tolist() == [4, 0, 0, 1]
    assert wide.update(np.array([0.0], np.float32)).found.tolist() == [5, 0, 0, 1]


@pytest.mark.requirement("QREF-CA-007")
def test_a_range_goes_no_farther_than_the_numbers() -> None:
    found = Histogram(8).update(np.array([-0.5, 3.0], np.float32))
    assert found.clipped(Fraction(2)) == (-0.5, 2.0)
    assert found.clipped(Fraction(4)) == (-0.5, 3.0)
    assert Histogram(8).update(np.array([1.0, 3.0], np.float32)).clipped(Fraction(9, 4)) == (0.0, 2.25)


@pytest.mark.requirement("QREF-CA-008")
def test_a_percentile_is_a_share_of_magnitudes_compared_exactly() -> None:
    counts = np.array([90, 9, 0, 1])
    shares = {0.5: 1, 90: 1, 90.01: 2, 99: 2, 99.5: 4, 100: 4}
    assert {p: bins_inside(counts, Fraction(p)) for p in shares} == shares
    x = np.array([-8.0, *[-0.5] * 9, *[7.0] * 90], np.float32)
    assert Percentile(99.0, Histogram(16)).update(x).range() == (-8.0, 7.0)
    for percentile in (0.0, -1.0, 100.5):
        with pytest.raises(InvalidInput, match="give a number above 0"):
            Percentile(percentile)


@pytest.mark.requirement("QREF-CA-009")
@given(COUNTS.filter(np.any), st.sampled_from([1, 3, 7, 127, 255]))
def test_errors_are_those_of_the_grid(counts: np.ndarray, K: int) -> None:
    """Against rationals, for counts that need Python's integers too."""
    for n in (counts, counts * 2**40):
        for j, found in enumerate(errors(n, K), 1):
            step = Fraction(j, K)
            c = [i + Fraction(1, 2) for i in range(n.size)]
            near = [min((x / step + Fraction(1, 2)).__floor__(), K) * step for x in c]
            assert found == sum(int(m) * (x - q) ** 2 for m, x, q in zip(n, c, near)) * (2 * K) ** 2
    with pytest.raises(InvalidInput, match="give 1 to 255"):
        SquaredError(256)


@pytest.mark.requirement("QREF-CA-009")
def test_of_equal_errors_the_largest_threshold_is_taken() -> None:
    counts = np.array([2, 0, 3, 2, 0, 3, 0, 2])
    found = errors(counts, 1)
    assert [j for j, e in enumerate(found, 1) if e == min(found)] == [5, 6]
    x = tensor(np.repeat(np.arange(8) + 0.75, counts), "float32")
    assert SquaredError(1, Histogram(8)).update(x.data).range() == (0.0, 6.0)
    assert squared_error_margin(x, highest=1, bins=8) > 2.0**-16  # exact in float32: no margin is needed
    thirds = tensor(np.repeat(np.arange(8) + 0.75, np.array([2, 0, 3, 0, 0, 3, 0, 2])), "float32")
    assert squared_error_margin(thirds, highest=3, bins=8) < np.inf


def test_more_thresholds_than_can_be_tried_are_unsupported() -> None:
    one = tensor([1.0], "float32")
    for ask in (calibrate_squared_error, calibrate_divergence):
        with pytest.raises(Unsupported, match="give fewer bins"):
            ask(one, bins=1 << 15)
    assert calibrate_divergence(one, bins=1 << 20, levels=1 << 20)[1].data == 1


@pytest.mark.requirement("QREF-CA-010")
def test_outliers_are_in_the_last_bin_of_p_and_not_in_q() -> None:
    P, M, z = terms(np.array([4, 0, 2, 2, 1, 1]), 4, 2)
    assert (P.tolist(), M.tolist(), z.tolist()) == ([4, 2, 4], [4, 4, 4], [1, 2, 2])
    wanted = 0.4 * np.log(0.4 / 0.5) + 0.2 * np.log(0.2 / 0.25) + 0.4 * np.log(0.4 / 0.25)
    assert divergence(P, M, z) == pytest.approx(wanted, abs=1e-15)
    assert divergence(*terms(np.array([3, 0, 0, 0, 2, 2]), 4, 2)) == np.inf
    found = Divergence(2, Histogram(6)).update(np.array([0.1, 0.1, 0.1, 7.0], np.float32))
    assert found.range() == (0.0, 7.0)
    with pytest.raises(InvalidInput, match="give 1 to the number of bins"):
        Divergence(7, Histogram(6))


@pytest.mark.requirement("QREF-CA-011")
@given(COUNTS.filter(np.any), st.integers(1, 5))
@example(np.array([1, 2, 4, 0, 0, 0]), 2)  # equal beyond 28 digits, decimal's own precision
def test_the_least_divergence_is_taken_the_smallest_of_equals(counts: np.ndarray, levels: int) -> None:
    numbers = range(levels, counts.size + 1)
    finite = [i for i in numbers if divergence(*terms(counts, i, levels)) < np.inf]
    exact = {i: exact_divergence(*terms(counts, i, levels)) for i in finite}
    assert counts.size in exact
    m = best(counts, levels)
    assert all(float(D) == pytest.approx(divergence(*terms(counts, i, levels)), abs=1e-12) for i, D in exact.items())
    assert all(exact[m] - D < 1e-35 for D in exact.values())
    assert m == min(i for i, D in exact.items() if abs(D - exact[m]) < 1e-35)


@pytest.mark.requirement("QREF-CA-011")
def test_of_equal_divergences_the_smallest_number_of_bins_is_taken() -> None:
    """One level: even bins lose nothing, be they all, or the first alone."""
    counts = np.full(8, 2)
    assert [i for i in range(1, 9) if divergence(*terms(counts, i, 1)) == 0] == [1, 8]
    x = tensor(np.repeat(np.arange(8) + 0.75, counts), "float32")
    assert Divergence(1, Histogram(8)).update(x.data).range() == (0.0, 1.5)
    assert divergence_margin(x, levels=1, bins=8) > 2.0**-16
    thirds = tensor(np.repeat([0.5, 1.5, 2.5, 7.5], [1, 1, 3, 2]), "float32")
    assert [i for i in range(1, 9) if divergence(*terms(np.array([1, 1, 3, 0, 0, 0, 0, 2]), i, 1)) == 0] == [1]
    assert divergence_margin(thirds, levels=1, bins=8) > 0


@pytest.mark.requirement("QREF-CA-005")
def test_a_histogram_ends_above_its_largest_number_and_counts_the_zeros_before() -> None:
    found = Histogram(4).update(np.zeros(3, np.float32)).update(np.array([-2.0, 0.5], np.float32))
    assert (found.found.tolist(), found.width) == ([4, 0, 1, 0], 1)


@pytest.mark.requirement("QREF-CA-010")
def test_the_slides_example() -> None:
    """Migacz 2017, "Candidate distribution Q": [1, 0, 2, 3, 5, 3, 1, 7] in two levels is [2, 0, 2, 2, 4, 4, 4, 4]."""
    P, M, z = terms(np.array([1, 0, 2, 3, 5, 3, 1, 7]), 8, 2)
    assert P.tolist() == [1, 2, 3, 5, 3, 1, 7]
    assert (M / z).tolist() == [2, 2, 2, 4, 4, 4, 4]


def test_levels_differ_by_one_bin_at_most() -> None:
    for i in range(5, 40):
        sizes = np.bincount(np.arange(i) * 5 // i)
        assert sizes.size == 5 and sizes.max() - sizes.min() <= 1


@pytest.mark.requirement("QREF-CA-012")
@given(st.floats(-100, 100, width=32), st.floats(0, 100, width=32), st.sampled_from(sorted(LIMITS)), st.booleans())
def test_zero_has_a_code_and_the_range_is_covered(low: float, length: float, dtype: str, symmetric: bool) -> None:
    high = float(np.float32(low + length))
    scale, zero_point = scale_of_range(low, high, dtype, symmetric)
    q_min, q_max = LIMITS[dtype]
    assert q_min <= zero_point <= q_max and scale > 0
    for end in (min(low, 0.0), max(high, 0.0)):
        if scale != 1.0:
            assert q_min - 0.501 <= end / scale + zero_point <= q_max + 0.501
    assert not symmetric or zero_point == {"uint8": 128, "int8": 0}[dtype]


def test_a_range_of_nothing_and_ranges_that_are_none() -> None:
    assert scale_of_range(0.0, 0.0) == (1.0, 0)
    assert scale_of_range(0.0, 0.0, "uint8", symmetric=True) == (1.0, 128)
    assert scale_of_range(0.0, 2.0**-126) == (1.0, 0)
    for wrong in ((1.0, -1.0, "uint8"), (0.0, 1.0, "int4")):
        with pytest.raises(InvalidInput):
            scale_of_range(*wrong)


# ONNX Runtime's own calibrators, where their rules are these


def collected(method: str, x: np.ndarray, bins: int, **given: Any) -> tuple[np.ndarray, ...]:
    calibrate = pytest.importorskip("onnxruntime.quantization.calibrate")
    collector = calibrate.HistogramCollector(method, True, bins, given.get("levels", 128), given.get("p", 99.0), "same")
    collector.collect({"x": [x]})
    if method == "percentile":
        return tuple(collector.compute_percentile()["x"])
    return tuple(collector.compute_entropy()["x"])


def merged_by_onnx_runtime(batches: list[np.ndarray], **settings: Any) -> tuple[float, float]:
    calibrate = pytest.importorskip("onnxruntime.quantization.calibrate")
    calibrator = object.__new__(calibrate.MinMaxCalibrater)
    vars(calibrator).update({"moving_average": False, "averaging_constant": 0.01, **settings})
    found: dict[str, Any] = {}
    for x in batches:
        found = calibrator.merge_range(found, {"x": (np.float64(x.min()), np.float64(x.max()))})
    low, high = found["x"]
    return float(low), float(high)


def test_min_max_and_moving_average_agree_with_onnx_runtime() -> None:
    batches = [np.random.default_rng(i).normal(size=50).astype(np.float32) * (i + 1) for i in range(6)]
    assert watched("min-max", batches).range() == merged_by_onnx_runtime(batches)
    own = watched("moving-average", batches).range()
    assert own == pytest.approx(merged_by_onnx_runtime(batches, moving_average=True), rel=1e-6)


@pytest.mark.parametrize("percentile", [50.0, 90.0, 99.0])
def test_onnx_runtimes_symmetric_percentile_is_one_bin_less(percentile: float) -> None:
    """Its histogram ends at the largest magnitude, here a power of two, where ours ends at the next one."""
    x = np.random.default_rng(3).normal(size=5000).astype(np.float32)
    x = np.append(x[np.abs(x) < 4], [0.0, 4.0, -4.0]).astype(np.float32)
    theirs = float(collected("percentile", x, 64, p=percentile)[1])
    own = Percentile(percentile, Histogram(128)).update(x).range()[1]
    assert own - theirs == pytest.approx(4 / 64)


def test_divergence_agrees_with_onnx_runtime_where_every_level_is_even() -> None:
    """Levels of equal bins up to the end: only all bins lose nothing."""
    steps = np.repeat(np.array([40, 24, 16, 12, 8, 8, 4, 4]), 4)
    x = np.repeat(np.arange(32) + 0.5, steps) / 32
    x = np.append(np.concatenate([x, -x]), [31.99 / 32, -31.99 / 32]).astype(np.float32)
    low, high = (float(end) for end in collected("entropy", x, 64, levels=16)[:2])
    own = Divergence(8, Histogram(32)).update(x).range()
    assert own == (pytest.approx(low), pytest.approx(high)) == (x.min(), x.max())


def test_scales_agree_with_onnx_runtime() -> None:
    utilities = pytest.importorskip("onnxruntime.quantization.quant_utils")
    for low, high in ((-0.6, 1.0), (-3.0, 0.7), (0.0, 6.0), (2.0, 6.0), (-6.0, -2.0)):
        l, h = np.float32(low), np.float32(high)
        for dtype, (q_min, q_max) in LIMITS.items():
            ends = np.array(q_min, dtype), np.array(q_max, dtype)
            zero_point, scale = utilities.compute_scale_zp(l, h, *ends)
            own = scale_of_range(float(l), float(h), dtype)
            assert own == (pytest.approx(float(scale), rel=1e-7), int(zero_point))
        zero_point, scale = utilities.compute_scale_zp(
            l, h, np.array(-127, "int8"), np.array(127, "int8"), symmetric=True
        )
        own = scale_of_range(float(l), float(h), "int8", symmetric=True)
        assert own == (pytest.approx(float(scale), rel=1e-7), int(zero_point))
