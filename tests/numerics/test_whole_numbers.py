"""Float32 numbers as whole numbers of 2⁻¹⁴⁹."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qref.numerics.whole_numbers import STEP, coarsest, exact_in_float32, whole

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.lists(FLOATS, max_size=6))
def test_every_float32_is_a_multiple_of_the_smallest(values: list[float]) -> None:
    found = whole(np.array(values, np.float32))
    assert found.shape == (len(values),)
    assert [Fraction(v) * STEP for v in found.tolist()] == [Fraction(v) for v in values]


def test_shapes_are_kept() -> None:
    for shape in ((), (2, 0), (2, 3)):
        assert whole(np.ones(shape, np.float32)).shape == shape


@given(st.lists(FLOATS, min_size=1, max_size=6))
def test_the_coarsest_step_divides_all_and_its_double_does_not(values: list[float]) -> None:
    found = whole(np.array(values, np.float32))
    step = coarsest(found[:1], found[1:])
    assert all(v % step == 0 for v in found)
    assert not found.any() or any(v % (2 * step) for v in found)


def test_sums_of_24_bits_are_exact() -> None:
    assert exact_in_float32(3 << 24, 3)
    assert not exact_in_float32((3 << 24) + 1, 3)
