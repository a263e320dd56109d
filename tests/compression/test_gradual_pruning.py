"""The schedule of gradual pruning."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.compression.gradual_pruning import GradualPruning
from qref.errors import InvalidInput


@pytest.mark.requirement("QREF-PR-007")
def test_the_schedule_is_a_cube_held_between_its_steps_and_at_its_ends() -> None:
    schedule = GradualPruning(0.0, 0.5, t0=100, n=4, every=10)
    steps = (0, 100, 110, 119, 120, 130, 140, 10**9)
    wanted = (0, 0, Fraction(37, 128), Fraction(37, 128), Fraction(7, 16), Fraction(63, 128), Fraction(1, 2), 0.5)
    assert [schedule.sparsity(t) for t in steps] == list(wanted)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(-50, 500), st.integers(0, 50))
def test_sparsity_never_falls_where_the_final_one_is_higher(n: int, every: int, t: int, more: int) -> None:
    schedule = GradualPruning(0.25, 0.875, 10, n, every)
    assert 0.25 <= schedule.sparsity(t) <= schedule.sparsity(t + more) <= 0.875


@pytest.mark.parametrize(("s", "n", "every", "word"), [(1.5, 4, 1, "sparsity 1.5"), (0.5, 0, 1, "0 changes")])
def test_schedules_that_are_none(s: float, n: int, every: int, word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        GradualPruning(0.0, s, 0, n, every)
