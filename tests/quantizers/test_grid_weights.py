"""Weights on grids: uniform, Lloyd–Max, logarithmic."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.errors import InvalidInput
from qref.numerics.tensor import tensor
from qref.ops.qref.grid_weights import lloyd_max_weights_margin, uniform_weights_margin
from qref.quantizers import SCHEMES, TENSOR, Granularity
from qref.quantizers.lloyd_max import lloyd_max
from qref.quantizers.lloyd_max_weights import LloydMaxWeights, stretched
from qref.quantizers.logarithmic_weights import LogarithmicWeights, highest
from qref.quantizers.optimal_step import optimal_step
from qref.quantizers.uniform_weights import UniformWeights

NAMES = ("uniform", "lloyd-max", "logarithmic")
WEIGHTS = arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 8)), elements=st.floats(-4, 4, width=16))


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).standard_normal(shape).astype(np.float32)


@pytest.mark.requirement("QREF-GR-009")
@pytest.mark.parametrize("bits", range(2, 9))
def test_uniform_step_is_the_best_one_of_a_normal_times_the_spread(bits: int) -> None:
    W = normal(2, 500)
    encoded = UniformWeights(bits).encode(W)
    sigma = np.sqrt(np.square(W.astype(np.float64)).mean(axis=1))
    factor = float(optimal_step("normal", "signed", (1 << bits) - 1).step)
    assert encoded.scales == pytest.approx(factor * sigma, rel=1e-7)
    k = np.floor(np.abs(W) / encoded.scales.astype(np.float64)[:, None] + 0.5)
    assert np.array_equal(encoded.codes, np.sign(W) * np.minimum(k, (1 << (bits - 1)) - 1))


@pytest.mark.requirement("QREF-GR-010")
@pytest.mark.parametrize("bits", range(1, 9))
def test_lloyd_max_takes_the_nearest_of_its_levels(bits: int) -> None:
    W = normal(2, 200)
    encoded = LloydMaxWeights(bits).encode(W)
    assert (np.diff(encoded.codebooks, axis=1) > 0).all()
    for w, b, C in zip(W, encoded.codes, encoded.codebooks):
        distance = np.abs(w[:, None].astype(np.float64) - C)
        assert np.array_equal(np.abs(w.astype(np.float64) - C[b]), distance.min(axis=1))


@pytest.mark.requirement("QREF-GR-010")
def test_scales_and_width_alone_give_the_codebooks() -> None:
    W = normal(3, 50)
    encoded = LloydMaxWeights(5).encode(W)
    assert np.array_equal(stretched(encoded.scales, 5), encoded.codebooks)
    assert encoded.scales == pytest.approx(np.sqrt(np.square(W).mean(axis=1)), rel=1e-6)
    powers = LogarithmicWeights(4).encode(W)
    assert np.array_equal(powers.scales, powers.codebooks.max(axis=1))


@pytest.mark.requirement("QREF-GR-010")
def test_zero_becomes_positive_where_there_is_no_zero() -> None:
    encoded = LloydMaxWeights(1).encode(np.array([[0.0, -0.0, 1.0, -2.0]], np.float32))
    assert encoded.codes.tolist() == [[1, 1, 1, 0]]


@pytest.mark.parametrize("name", ["uniform", "lloyd-max"])
def test_the_error_of_normal_weights_is_the_expected_one(name: str) -> None:
    W = normal(1, 20000)
    for bits in (2, 4, 6):
        error = np.square(SCHEMES[name].of(bits).encode(W).decode() - W).mean()
        ideal = (
            optimal_step("normal", "signed", (1 << bits) - 1).mse
            if name == "uniform"
            else lloyd_max("normal", 1 << bits).mse
        )
        assert error == pytest.approx(float(ideal), rel=0.08)


@pytest.mark.requirement("QREF-GR-011")
@given(WEIGHTS, st.integers(2, 8))
def test_logarithmic_takes_the_nearest_power(W: np.ndarray, bits: int) -> None:
    encoded = LogarithmicWeights(bits).encode(W)
    K = (1 << (bits - 1)) - 1
    for w, decoded in zip(W, encoded.decode()):
        s = Fraction(float(np.abs(w).max()))
        if not s:
            assert not decoded.any()
            continue
        top = Fraction(2) ** highest(float(s))
        assert top * 3 / 4 <= s < top * 3 / 2
        values = [Fraction(0), *(sign * top / 2**k for k in range(K) for sign in (1, -1))]
        for x, y in zip(w, decoded):
            assert abs(Fraction(float(x)) - Fraction(float(y))) == min(abs(Fraction(float(x)) - v) for v in values)


@pytest.mark.requirement("QREF-GR-011")
def test_logarithmic_ties_and_codes() -> None:
    W = np.array([[1, -0.75, 0.375, 0.25, 0.125, -0.126, 0.0, -0.0]], np.float32)
    encoded = LogarithmicWeights(3).encode(W)  # 1, 1/2, 1/4
    assert encoded.codes.tolist() == [[3, 7, 2, 1, 0, 5, 0, 0]]
    assert encoded.codebooks.tolist() == [[0, 0.25, 0.5, 1, 0, -0.25, -0.5, -1]]
    assert [highest(v) for v in (1, 1.49, 1.5, 2, 3.4e38)] == [0, 0, 1, 1, 127]
    tiny = LogarithmicWeights(4).encode(np.array([[2.0**-148, -(2.0**-149)]], np.float32))
    assert tiny.codes.tolist() == [[7, 14]]
    assert tiny.decode().tolist() == [[2.0**-148, -(2.0**-149)]]


@pytest.mark.requirement("QREF-GR-012")
@pytest.mark.parametrize("name", NAMES)
def test_parts_without_spread(name: str) -> None:
    encoded = SCHEMES[name].of(3).encode(np.array([[0.0, -0.0], [1.0, 2.0]], np.float32))
    assert encoded.codes[0].tolist() == [0, 0]
    assert encoded.decode()[0].tolist() == [0, 0]
    empty = SCHEMES[name].of(3).encode(np.zeros((2, 0), np.float32))
    assert empty.decode().shape == (2, 0)


@pytest.mark.parametrize("name", NAMES)
@given(WEIGHTS, st.integers(-20, 20))
def test_powers_of_two_and_permutations_change_nothing_else(name: str, W: np.ndarray, e: int) -> None:
    assume(np.abs(W[W != 0]).min(initial=1) > 2.0**-20)
    scheme = SCHEMES[name].of(3)
    encoded, scaled = scheme.encode(W), scheme.encode(np.ldexp(W, e))
    assert np.array_equal(encoded.codes, scaled.codes)
    assert np.array_equal(np.ldexp(encoded.decode(), e), scaled.decode())
    order = np.random.default_rng(abs(e)).permutation(W.shape[1])
    assert np.array_equal(scheme.encode(np.ascontiguousarray(W[:, order])).codes, encoded.codes[:, order])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("grain", [TENSOR, Granularity("group", 3)])
def test_the_size_is_that_of_the_bytes(name: str, grain: Granularity) -> None:
    encoded = SCHEMES[name].of(3, grain).encode(normal(4, 7))
    parts = grain.count((4, 7))
    assert encoded.bits == 8 * len(encoded.packed()) == 88 + 32 * parts


@given(WEIGHTS)
def test_logarithmic_is_idempotent(W: np.ndarray) -> None:
    encoded = LogarithmicWeights(5).encode(W)
    assert np.array_equal(LogarithmicWeights(5).encode(encoded.decode()).decode(), encoded.decode())


def test_bits_that_there_are_not() -> None:
    for scheme in (UniformWeights(1), UniformWeights(9), LogarithmicWeights(1), LloydMaxWeights(0), LloydMaxWeights(9)):
        with pytest.raises(InvalidInput, match="bits"):
            scheme.encode(np.ones((1, 1), np.float32))


def test_margins_are_distances_to_boundaries() -> None:
    W = tensor(np.array([[1.0, 1.0, 1.0, 1.0]], np.float32), "float32")
    step = float(UniformWeights(3).encode(W.data).scales[0])
    assert uniform_weights_margin(W, bits=3) == pytest.approx(abs(1 / step / 1.5 - 1), rel=1e-6)
    assert lloyd_max_weights_margin(W, bits=1) == float("inf")  # the only boundary is 0


@pytest.mark.requirement("QREF-GR-009", "QREF-GR-010")
def test_steps_and_levels_beyond_float32_are_its_largest_number() -> None:
    most = np.finfo(np.float32).max
    W = np.array([[most, -most, most]], np.float32)
    uniform, free = UniformWeights(2).encode(W), LloydMaxWeights(2).encode(W)
    assert uniform.scales.tolist() == [most] and uniform.codes.tolist() == [[1, -1, 1]]
    assert free.codebooks[0, [0, 3]].tolist() == [-most, most] and free.codes.tolist() == [[3, 0, 3]]
