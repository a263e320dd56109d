"""The signed, the unsigned and the mid-rise grid: levels, ties, ends, backward, and the step of least error."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import tensor
from qref.ops.qref.grid import grid_fit, grid_fit_margin
from qref.quantizers.empirical_step import empirical_step, minima
from qref.quantizers.grid import KINDS, Grid

GRIDS = st.builds(
    lambda kind, bits, step: Grid(kind, bits, float(np.float32(step))),
    st.sampled_from(KINDS),
    st.integers(2, 5),
    st.floats(2.0**-20, 2.0**20, width=32),
)
SMALL = arrays(np.float32, st.integers(1, 5), elements=st.floats(-8, 8, width=16))
NUMBERS = st.floats(-(2.0**24), 2.0**24, width=32)


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.requirement("QREF-GR-001")
def test_the_levels() -> None:
    assert Grid("signed", 3, 1.0).dequantize(Grid("signed", 3, 1.0).codes).tolist() == [-3, -2, -1, 0, 1, 2, 3]
    assert Grid("unsigned", 2, 0.5).dequantize(Grid("unsigned", 2, 0.5).codes).tolist() == [0, 0.5, 1, 1.5]
    assert Grid("mid-rise", 2, 2.0).dequantize(Grid("mid-rise", 2, 2.0).codes).tolist() == [-3, -1, 1, 3]
    for kind, code in (("signed", -4), ("unsigned", -1), ("mid-rise", 4)):
        with pytest.raises(InvalidInput, match="the grid has"):
            Grid(kind, 3, 1.0).dequantize(np.array([code]))
    for kind, bits in (("signed", 1), ("unsigned", 0), ("mid-rise", 17), ("even", 3)):
        with pytest.raises(InvalidInput):
            Grid(kind, bits, 1.0)


@pytest.mark.requirement("QREF-GR-002")
@given(GRIDS, NUMBERS)
def test_no_level_is_nearer_and_ties_go_away_from_zero(grid: Grid, x: float) -> None:
    half = Fraction(1, 2) if grid.kind == "mid-rise" else Fraction(0)
    levels = {int(k): (int(k) + half) * Fraction(grid.step) for k in grid.codes}
    best = min(levels, key=lambda k: (abs(Fraction(x) - levels[k]), -abs(levels[k]), -levels[k]))
    assert grid.quantize(f32(x)).tolist() == [best]


@pytest.mark.requirement("QREF-GR-002")
@given(GRIDS, st.integers(0, 20), st.booleans())
def test_boundaries_of_any_step_are_decided_exactly(grid: Grid, k: int, up: bool) -> None:
    boundary = (k + (0 if grid.kind == "mid-rise" else Fraction(1, 2))) * Fraction(grid.step)
    x = np.float32(float(boundary))
    x = np.nextafter(x, np.float32(1e30)) if up else x
    [code] = grid.quantize(f32(x))
    assert code == min(k + (grid.kind != "mid-rise") - (Fraction(float(x)) < boundary), grid.top) or (
        x == 0 and code == 0
    )


@pytest.mark.requirement("QREF-GR-003")
def test_zero_and_negative_numbers() -> None:
    assert Grid("mid-rise", 2, 1.0).quantize(f32(0.0, -0.0, -1e-45)).tolist() == [0, 0, -1]
    assert Grid("unsigned", 2, 1.0).quantize(f32(-0.0, -0.4, -9)).tolist() == [0, 0, 0]


@pytest.mark.requirement("QREF-GR-004")
def test_steps_of_zero_and_none() -> None:
    for kind in KINDS:
        grid = Grid(kind, 2, 0.0)
        assert grid.quantize(f32(0, 5, -3e38)).tolist() == [0, 0, 0]
        assert grid.dequantize(grid.codes).tolist() == [0] * grid.codes.size
        for step in (-1.0, np.inf, np.nan, 0.1):  # 0.1 is no float32
            with pytest.raises(InvalidInput, match="step"):
                Grid(kind, 2, step)


@pytest.mark.requirement("QREF-GR-005")
@given(GRIDS, st.lists(NUMBERS, min_size=1, max_size=6))
def test_the_gradient_passes_inside_the_range_alone(grid: Grid, x: list[float]) -> None:
    g = np.arange(1, len(x) + 1, dtype=np.float32)
    last = float(grid.last)
    inside = [abs(v) <= last and (v > 0 or grid.kind != "unsigned") for v in x]
    assert grid.backward(f32(*x), g).tolist() == [v if i else 0 for v, i in zip(g.tolist(), inside)]
    ends = f32(grid.dequantize(grid.codes)[-1], np.nextafter(grid.last, np.float32(np.inf)))
    assert grid.backward(ends, f32(5, 5)).tolist() == [5, 0]


@given(GRIDS, SMALL, st.integers(-9, 9))
def test_idempotence_and_scaling_by_powers_of_two(grid: Grid, x: np.ndarray, e: int) -> None:
    codes = grid.quantize(x)
    assert np.array_equal(grid.quantize(grid.dequantize(codes)), codes)
    other = Grid(grid.kind, grid.bits, float(np.ldexp(np.float32(grid.step), e)))
    assert np.array_equal(other.quantize(np.ldexp(x, e)), codes)


@pytest.mark.requirement("QREF-GR-007")
@pytest.mark.parametrize("kind", KINDS)
@given(x=SMALL)
def test_no_step_fits_better(kind: str, x: np.ndarray) -> None:
    """Brute force: the best step of each assignment of levels that any step makes."""
    bits = 2

    def error(step: Fraction) -> Fraction:
        half = Fraction(1, 2) if kind == "mid-rise" else Fraction(0)
        levels = [(int(k) + half) * step for k in Grid(kind, bits, 1.0).codes]
        return sum((min((Fraction(float(v)) - y) ** 2 for y in levels) for v in x), Fraction(0))

    found = empirical_step(x, kind, bits)
    numbers = [abs(Fraction(float(v))) for v in x if v]
    # between two breakpoints the assignment is constant: try the middle's own best step
    breaks = sorted(
        {v / (c + Fraction(1, 2) * s) for v in numbers for c in range(1, 4) for s in (-1, 0, 1)} | {Fraction(99)}
    )
    candidates = {Fraction(0)}
    for low, high in zip([Fraction(0), *breaks], breaks):
        step = (low + high) / 2
        codes = Grid(kind, bits, 1.0).codes.tolist()
        half = Fraction(1, 2) if kind == "mid-rise" else Fraction(0)
        c = [min((int(k) + half for k in codes), key=lambda m: abs(Fraction(float(v)) - m * step)) for v in x]
        if any(c):
            A = sum((Fraction(float(v)) * m for v, m in zip(x, c)), Fraction(0))
            candidates.add(max(A / sum(m * m for m in c), Fraction(0)))
    assert error(found) == min(error(step) for step in candidates)


def test_the_margin_of_a_fit_is_that_to_the_next_minimum() -> None:
    x = tensor(f32(0.3, -0.25, 0.2, 1.0, 2.7), "float32")
    gains = sorted(dict(minima(x.data, "signed", 2)).values())
    assert grid_fit_margin(x, grid="signed", bits=2) == pytest.approx(float(1 - gains[-2] / gains[-1]))
    assert grid_fit_margin(tensor(f32(0, 0), "float32")) == float("inf")


@pytest.mark.requirement("QREF-GR-007")
def test_fit_of_levels_finds_them() -> None:
    x = f32(-3, 0, 1.5, 3, -1.5)
    assert Grid("signed", 3, 1.0).fit(x) == Grid("signed", 3, 1.5)
    assert Grid("unsigned", 2, 1.0).fit(f32(0, 0.25, 0.75, -4)).step == 0.25
    assert Grid("signed", 3, 1.0).fit(f32(0, 0)).step == 0


@pytest.mark.requirement("QREF-GR-007")
@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_to_many_numbers_is_that_of_small_pieces(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(5).standard_normal(300).astype(np.float32)
    whole = list(minima(x, kind, 6))
    monkeypatch.setattr("qref.quantizers.empirical_step.CHUNK", 100)
    assert list(minima(x, kind, 6)) == whole
    step = empirical_step(x, kind, 6)
    errors = [error_of(x, kind, 6, s) for s in (step, *(step * (1 + Fraction(d, 1000)) for d in (-9, -3, 3, 9)))]
    assert min(errors) == errors[0]


def error_of(x: np.ndarray, kind: str, bits: int, step: Fraction) -> float:
    """Σ (x − its level)², in float64."""
    grid = Grid(kind, bits, float(np.float32(float(step))))
    levels = (grid.codes + (0.5 if kind == "mid-rise" else 0)) * float(step)
    return float(np.square(x[:, None].astype(np.float64) - levels).min(axis=1).sum())


@pytest.mark.requirement("QREF-GR-007")
def test_a_fitted_step_beyond_float32_is_its_largest_number() -> None:
    assert Grid("mid-rise", 1, 1.0).fit(f32(3e38, -2.9e38)).step == np.finfo(np.float32).max
    assert Grid("unsigned", 3, 1.0).fit(f32(-1, -2)).step == 0


@pytest.mark.requirement("QREF-GR-007")
def test_of_two_steps_with_the_same_error_the_larger_one() -> None:
    """3 leaves 1 + 1 + 1, and so does 3/2: 9/4 + 3/4."""
    assert empirical_step(f32(3, 1, -1, 1), "signed", 2) == 3
    assert grid_fit_margin(tensor(f32(3, 1, -1, 1), "float32"), bits=2) == float("inf")
    assert grid_fit_margin(tensor(f32(0.3, 0.1, -0.1, 0.1), "float32"), bits=2) < 2.0**-16


def test_a_fit_that_would_take_minutes_is_refused() -> None:
    with pytest.raises(Unsupported, match="levels"):
        grid_fit(tensor(np.ones(1000, np.float32), "float32"), grid="unsigned", bits=16)


def test_the_margin_of_a_fit_refuses_what_the_fit_refuses() -> None:
    for bits in (-(2**63), 17, 2**63 - 1):
        with pytest.raises(InvalidInput, match="bits"):
            grid_fit_margin(tensor(f32(1, 2), "float32"), bits=bits)
