"""Tolerances hold for every order of evaluation, and not for much more."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.numerics.exact_sums import dot
from qref.numerics.floats import encode
from qref.numerics.formats import FORMATS
from qref.numerics.tensor import tensor
from qref.ops.bound import FLUSHED, NARROW, correctly_rounded, magnitude, of_dot, subnormal_products

FLOAT32 = FORMATS["float32"]
NORMAL_MIN = 2.0**-126


def summed(products):
    """Sums of float32 in the given order, and by pairs."""
    total = np.float32(0)
    for p in products:
        total = np.float32(total + p)
    pairs = list(products)
    while len(pairs) > 1:
        pairs = [np.float32(sum(pairs[i : i + 2], np.float32(0))) for i in range(0, len(pairs), 2)]
    return [total, *pairs]


@pytest.mark.requirement("QREF-FS-005")
@given(st.lists(st.tuples(st.integers(-(2**24), 2**24), st.integers(-30, 30)), min_size=4, max_size=10))
def test_every_order_is_inside(numbers):
    values = np.array([np.float32(np.ldexp(float(m), e - 24)) for m, e in numbers])
    half = len(values) // 2
    x, w = values[:half].astype(np.float64), values[half : 2 * half].astype(np.float64)
    y = encode(dot(x[None], w[:, None], FLOAT32), "float32")
    bound = of_dot(y, half + 1, magnitude(x[None], w[:, None]))
    with np.errstate(all="ignore"):
        products = [np.float32(a) * np.float32(b) for a, b in zip(x, w, strict=True)]
        for order in list(permutations(products))[:24]:
            for total in summed(order):
                assert abs(float(total) - float(y.data[0, 0])) <= bound.tolerance[0, 0]


@pytest.mark.requirement("QREF-FS-005")
def test_the_tolerance_is_the_formula():
    y = tensor([[2.0]], "float16")
    bound = of_dot(y, 3, np.array([[10.0]]))
    assert bound.tolerance[0, 0] == 3 * 2.0**-24 * 10 + 2 * 2.0**-11 * 2 + 3 * 2.0**-24
    wider = dict(bound.wider)
    assert wider[NARROW][0, 0] == 3 * 2.0**-11 * 10 + 2 * 2.0**-11 * 2 + 3 * 2.0**-24
    assert wider[FLUSHED][0, 0] == bound.tolerance[0, 0]  # 4·2⁻¹²⁶ is lost in it


def test_flushing_matters_where_the_result_may_be_subnormal():
    y = tensor([2.0**-14, 2.0**-13], "float16")
    bound = of_dot(y, 1, np.array([2.0**-14, 2.0**-13]))
    assert ((dict(bound.wider)[FLUSHED] - bound.tolerance) > 2.0**-15).tolist() == [True, False]


@pytest.mark.requirement("QREF-FS-005")
def test_a_long_sum_may_not_be_taken_in_float16():
    y = tensor([[2.0]], "float16")
    bound = of_dot(y, 512, np.array([[10.0]]))
    assert dict(bound.wider)[NARROW][0, 0] == bound.tolerance[0, 0]


@pytest.mark.requirement("QREF-FS-006")
def test_a_magnitude_of_half_the_largest_number_may_overflow():
    y = tensor([[0.0, 0.0]], "float16")
    bound = of_dot(y, 2, np.array([[32751.0, 32752.0]]))
    assert bound.overflow is not None
    assert bound.overflow.tolist() == [[False, True]]


@pytest.mark.requirement("QREF-FS-003")
def test_infinity_and_nan_have_no_tolerance():
    y = tensor([[np.inf, np.nan, 1.0]], "float32")
    bound = of_dot(y, 2, np.array([[np.inf, np.nan, 1.0]]))
    assert bound.tolerance[0, :2].tolist() == [0.0, 0.0]
    assert bound.tolerance[0, 2] > 0
    assert not bound.overflow.any()


@pytest.mark.requirement("QREF-FS-004")
def test_a_single_operation_has_one_right_result():
    y = tensor([1.0, NORMAL_MIN / 2], "float32")
    bound = correctly_rounded(y)
    assert bound.tolerance.tolist() == [0.0, 0.0]
    assert bound.wider[0][1].tolist() == [0.0, NORMAL_MIN / 2]


@pytest.mark.requirement("QREF-FS-006")
def test_a_divisor_flushed_to_zero_leaves_no_quotient():
    bound = correctly_rounded(tensor([1.0, 2.0], "float32"), np.array([np.inf, 0.5]))
    assert bound.wider[0][1].tolist() == [0.0, 0.5]
    assert bound.overflow.tolist() == [True, False]


def test_flushing_operands_takes_their_products_away():
    a, b = np.array([[NORMAL_MIN / 2, 1.0]]), np.array([[2.0**100], [3.0]])
    assert subnormal_products(a, b, FLOAT32)[0, 0] == 2.0**-27
