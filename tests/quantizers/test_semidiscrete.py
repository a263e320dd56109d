"""Semidiscrete decomposition: each step against all 3ⁿ vectors, errors that shrink term by term, the three steps."""

from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.errors import InvalidInput
from qref.numerics.floats import float_format
from qref.numerics.tensor import tensor
from qref.numerics.whole_numbers import whole
from qref.ops.qref.semidiscrete import factorized_decode
from qref.quantizers.factorized import Factorized
from qref.quantizers.factorized_layer import convolution
from qref.quantizers.semidiscrete import FixedPointFactorized, best, decompose, margin, scale, start

NUMBERS = st.floats(-4, 4, width=32).filter(lambda v: v == 0 or abs(v) > 1e-3) | st.integers(-3, 3).map(float)
MATRICES = arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=NUMBERS)


def error(W: np.ndarray, layer: Factorized, terms: int | None = None) -> Fraction:
    """‖W − XDYᵀ‖² of the first terms, exact."""
    k = layer.D.size if terms is None else terms
    Y = layer.Y.reshape(layer.D.size, -1)[:k].astype(object)
    R = whole(W.reshape(len(W), -1)) - (layer.X[:, :k].astype(object) * whole(layer.D[:k])) @ Y
    return Fraction(int((R**2).sum()), 1 << 298)


@pytest.mark.requirement("QREF-FF-001")
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=6))
def test_of_all_ternary_vectors_the_best_is_taken_and_of_several_one_with_fewest_nonzeros(s: list[int]) -> None:
    found = best(np.array(s, object))

    def value(x: tuple[int, ...]) -> tuple[Fraction, int]:
        ones = sum(map(abs, x))
        return (Fraction(sum(a * b for a, b in zip(s, x)) ** 2, ones) if ones else Fraction(0)), -ones

    assert value(tuple(found.tolist())) == max(value(x) for x in product((-1, 0, 1), repeat=len(s)))
    assert int(found @ np.array(s)) >= 0
    magnitudes = [abs(v) for v in s]
    taken = [m for m, x in zip(magnitudes, found) if x]
    assert not set(taken) & {m for m, x in zip(magnitudes, found) if not x}  # equal magnitudes stay together


@pytest.mark.requirement("QREF-FF-002")
def test_a_term_begins_with_its_old_vector_with_ones_or_with_a_column() -> None:
    R = np.array([[1, 2], [3, 4]], object)
    assert start(R, np.array([0, 0], np.int8)).tolist() == [1, 1]
    assert start(R, np.array([0, -1], np.int8)).tolist() == [0, -1]
    assert start(np.array([[0, 1, -1]], object), np.zeros(3, np.int8)).tolist() == [0, 1, 0]
    assert start(np.array([[0, 0]], object), np.zeros(2, np.int8)).tolist() == [0, 0]


@pytest.mark.requirement("QREF-FF-003")
@given(MATRICES)
def test_the_first_term_is_best_on_either_side(W: np.ndarray) -> None:
    one, R = FixedPointFactorized(terms=1).encode(W), whole(W)
    x, y = one.X[:, 0], one.Y[0]
    assert best(R @ y).tolist() == x.tolist()
    assert best(x @ R).tolist() == y.tolist()
    steps = [step for step in decompose(W, 1, 1) if step.chosen.any()]
    assert [step.transposed for step in steps] == [False, True] * (len(steps) // 2)
    gains = [Fraction(int(step.chosen @ step.s) ** 2, n) for step in steps if (n := _ones(step.chosen, step.fixed))]
    assert all(now <= later for now, later in pairwise(gains))


def _ones(x: np.ndarray, y: np.ndarray) -> int:
    return int(np.abs(x).sum()) * int(np.abs(y).sum())


@pytest.mark.requirement("QREF-FF-004")
@given(MATRICES)
def test_d_is_that_of_least_squares(W: np.ndarray) -> None:
    layer = FixedPointFactorized(terms=1).encode(W)
    x, y, d = layer.X[:, 0].astype(float), layer.Y[0].astype(float), float(layer.D[0])
    assert d == pytest.approx((x @ W.astype(float) @ y) / max(_ones(x, y), 1), rel=1e-6)
    assert (d > 0) == bool(W.any())


def test_d_stays_finite() -> None:
    top = np.finfo(np.float32).max
    layer = FixedPointFactorized().encode(np.array([[top, -top], [top, top]], np.float32))
    assert np.isfinite(layer.D).all()
    assert scale(whole(np.array([top])).reshape(1, 1) * 4, *[np.ones(1, np.int8)] * 2) == top


@given(MATRICES, st.integers(1, 4))
def test_each_term_makes_the_error_smaller(W: np.ndarray, terms: int) -> None:
    layer = FixedPointFactorized(terms).encode(W)
    errors = [error(W, layer, k) for k in range(terms + 1)]
    for i, (before, after) in enumerate(pairwise(errors)):
        assert after < before if layer.D[i] else after == before
        # but for residuals that d's rounding left, a term of zero is one of nothing at all
        assert layer.D[i] or before == 0


@pytest.mark.requirement("QREF-FF-005")
@given(MATRICES)
def test_a_decomposition_of_fewer_terms_is_the_beginning_of_one_of_more(W: np.ndarray) -> None:
    usual = FixedPointFactorized().encode(W)
    assert usual.D.size == min(W.shape)
    for k in range(1, min(W.shape)):
        fewer = FixedPointFactorized(k).encode(W)
        assert np.array_equal(fewer.X, usual.X[:, :k])
        assert np.array_equal(fewer.D, usual.D[:k])
        assert np.array_equal(fewer.Y, usual.Y[:k])


@pytest.mark.requirement("QREF-FF-006")
@given(MATRICES)
@settings(max_examples=50)
def test_further_epochs_do_not_make_the_error_larger(W: np.ndarray) -> None:
    errors = [error(W, FixedPointFactorized(2, epochs).encode(W)) for epochs in (1, 2, 4)]
    slack = Fraction(float((W.astype(float) ** 2).sum())) * Fraction(1, 1 << 44)  # the rounding of D
    assert errors[2] <= errors[1] + slack <= errors[0] + 2 * slack


def test_terms_and_epochs_that_are_none_are_refused() -> None:
    W = np.ones((2, 2), np.float32)
    with pytest.raises(InvalidInput, match="terms is -1"):
        FixedPointFactorized(-1).encode(W)
    with pytest.raises(InvalidInput, match="epochs is 0"):
        FixedPointFactorized(0, 0).encode(W)
    with pytest.raises(InvalidInput, match="nan"):
        FixedPointFactorized().encode(W * np.float32(np.nan))


@given(MATRICES)
def test_a_term_that_was_decoded_decodes_to_the_same(W: np.ndarray) -> None:
    decoded = FixedPointFactorized(1).encode(W).decode()
    assert np.array_equal(FixedPointFactorized(1).encode(decoded).decode(), decoded)


@given(MATRICES, st.integers(-20, 20), st.integers(0, 1000))
def test_powers_of_two_signs_and_the_order_of_channels_change_nothing_else(W: np.ndarray, e: int, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(W))
    usual, other = FixedPointFactorized(2).encode(W), FixedPointFactorized(2).encode(-np.ldexp(W[order], e))
    assert np.array_equal(other.X, -usual.X[order])
    assert np.array_equal(other.D, np.ldexp(usual.D, e))
    assert np.array_equal(other.Y, usual.Y)


@pytest.mark.requirement("QREF-FF-007")
def test_decoding_is_one_sum_rounded_once() -> None:
    X, D, Y = [[1, 1, -1]], [1.0, 2.0**-24, 1.0], [[1, -1]] * 3
    layer = Factorized((1, 2), np.array(X, np.int8), np.array(D, np.float32), np.array(Y, np.int8))
    assert layer.decode().tolist() == [[2.0**-24, -(2.0**-24)]]
    found = factorized_decode(tensor(X, "int8"), tensor(D, "float32"), tensor(Y, "int8"))
    assert found.data.tolist() == layer.decode().tolist()
    with pytest.raises(InvalidInput, match=r"Y holds \[2\]"):
        factorized_decode(tensor(X, "int8"), tensor(D, "float32"), tensor([[2, 0]] * 3, "int8"))


@pytest.mark.parametrize("shape", [(3, 5), (2, 3, 2, 2), (4,), (), (2, 0), (0, 3), (1, 7)])
def test_shape_and_size_are_those_of_the_bytes(shape: tuple[int, ...]) -> None:
    W = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    layer = FixedPointFactorized().encode(W)
    assert layer.shape == layer.decode().shape == shape
    assert layer.bits == 8 * len(layer.packed())


@pytest.mark.requirement("QREF-FF-008")
@pytest.mark.parametrize(
    ("image", "filter", "lie"),
    [
        ((2, 3, 5, 4), (3, 3, 3), Geometry((3, 3), (1, 1), (1, 1), (1, 0), (1, 2))),
        ((1, 2, 7), (2, 2), Geometry((2,), (2,), (3,), (0,), (1,))),
    ],
)
def test_three_steps_give_the_convolution_with_the_whole_weights(
    image: tuple[int, ...], filter: tuple[int, ...], lie: Geometry
) -> None:
    """Weights of few bits: X·D·Yᵀ is exact in float32, and the golden convolution with it is what the steps give."""
    random = np.random.default_rng(3)
    x, bias = (random.standard_normal(s).astype(np.float32) for s in (image, 4))
    W = random.integers(-4, 5, (4, *filter)).astype(np.float32)
    layer = FixedPointFactorized(2).encode(W)
    layer = Factorized(layer.shape, layer.X, np.array([2, 0.5], np.float32), layer.Y)
    golden = exact(x.astype(float), layer.decode().astype(float), lie, float_format("float32"), bias.astype(float))
    assert np.array_equal(convolution(layer, x, lie, bias), golden.astype(np.float32))


def test_margins_tell_near_from_far() -> None:
    assert margin(np.array([[3, 1, 1, 1]], np.float32)) == np.inf  # small integers: ties are exact
    assert margin(np.array([[3, 1, 1, 1]], np.float32) / np.float32(3)) < 2.0**-20
    assert margin(np.array([[1.7, -0.3], [0.2, 0.9]], np.float32)) > 2.0**-16


@pytest.mark.requirement("QREF-QZ-005")
def test_a_residual_of_zero_or_without_sums_is_a_decision() -> None:
    thirds = np.outer([1, 1], [1 / 3, -1 / 3, 1 / 3]).astype(np.float32) * np.float32(1 + 2.0**-20)
    assert margin(thirds, terms=1) > 0
    assert margin(thirds, terms=2) == 0  # an engine's residual is what its rounding leaves
    assert margin(np.array([[1 / 3, -1 / 3], [0.1, -0.1]], np.float32), terms=1) == 0  # ones make 0, or nearly
    assert margin(np.array([[1, -1], [2, -2]], np.float32), terms=1) == np.inf  # exact in any arithmetic
