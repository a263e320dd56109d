"""DoReFa-Net: codes, gradients against differences, the expectation of the noise counted over all words."""

from decimal import localcontext
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.errors import InvalidInput
from qref.numerics.philox import Stream
from qref.numerics.tensor import tensor
from qref.numerics.transcendental import WIDE, area_tangent, tangent
from qref.ops.qref.dorefa import dorefa_gradient_margin, dorefa_weight_step_margin
from qref.quantizers import SCHEMES
from qref.quantizers.dorefa import (
    DoReFa,
    activation,
    activation_codes,
    activation_gradient,
    gradient,
    gradient_codes,
    levels,
    maxima,
    mean_magnitude,
    noisy,
    quantize,
    weight_codes,
    weight_gradient,
    weight_step,
)
from qref.quantizers.encoded import Coded, Scaled

BITS = st.integers(1, 8)
MORE = st.integers(2, 8)
SMALL = st.floats(-3, 3, width=32)
LAYER = arrays(np.float32, st.integers(1, 5), elements=SMALL)


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.requirement("QREF-LB-020")
def test_ties_go_to_the_even_code() -> None:
    assert [quantize(Fraction(1, 2), k) for k in range(1, 9)] == [0, 2, 4, 8, 16, 32, 64, 128]
    assert quantize(Fraction(1, 6), 2) == 0
    assert quantize(Fraction(5, 6), 2) == 2
    for bits in (0, 9, 32):
        with pytest.raises(InvalidInput, match="bits"):
            quantize(Fraction(1), bits)


@pytest.mark.requirement("QREF-LB-020", "QREF-LB-024")
@given(BITS, st.floats(0, 1, width=32))
@example(bits=1, x=0.5)
@example(bits=8, x=0.5)
def test_one_number_and_arrays_round_alike(bits: int, x: float) -> None:
    c = quantize(Fraction(x), bits)
    assert activation_codes(array(x), bits).tolist() == [c]
    assert activation(array(x), bits)[0] == np.float32(c / (2**bits - 1))


@pytest.mark.requirement("QREF-LB-021")
@given(MORE, LAYER)
@example(bits=2, W=np.array([0.0, -0.0], np.float32))
def test_codes_are_those_of_the_formula(bits: int, W: np.ndarray) -> None:
    """By 150 digits of each tanh, where the scheme compares with boundaries."""
    n, highest = 2**bits - 1, float(np.abs(W).max())
    with localcontext(WIDE):
        shares = [Fraction(tangent(float(w)) / tangent(highest)) if highest else Fraction(0) for w in W]
    assert weight_codes(W, bits).tolist() == [quantize(r / 2 + Fraction(1, 2), bits) for r in shares]
    assert levels(bits)[[0, n]].tolist() == [-1, 1]


@pytest.mark.requirement("QREF-LB-021")
@pytest.mark.parametrize("e", [-149, -146, -130, -60])
def test_of_small_weights_the_curvature_of_tanh_still_decides(e: int) -> None:
    """2/3 of the maximum is a tie of 2 bits, and 6/9 too: tanh x = x − x³/3 … bends down, so it lies above."""
    for k in (1, 3):
        W = np.ldexp(array(3 * k, 2 * k, -2 * k), e)
        assert weight_codes(W, 2).tolist() == [3, 3, 0]
    thirds = np.ldexp(array(15, 2, 6, 10, 14, -2), e)  # ties of 4 bits
    assert weight_codes(thirds, 4).tolist() == [15, 9, 11, 13, 15, 6]


@pytest.mark.requirement("QREF-LB-021")
def test_zeros_are_halfway_and_go_up_whatever_else_is_in_the_layer() -> None:
    for bits in range(2, 9):
        for W in (array(0, -0.0), array(0, -0.0, 5), array(0, -0.0, 2.0**-149)):
            assert weight_codes(W, bits)[:2].tolist() == [2 ** (bits - 1)] * 2


@given(MORE, LAYER)
def test_codes_are_symmetric_and_rise(bits: int, W: np.ndarray) -> None:
    codes, mirrored = weight_codes(W, bits), weight_codes(-W, bits)
    assert (codes[W != 0].astype(int) + mirrored[W != 0] == 2**bits - 1).all()
    order = np.argsort(W)
    assert (np.diff(codes[order].astype(int)) >= 0).all()


@given(st.floats(2.0**-100, 4, width=32))
def test_the_inverse_of_tanh_is_its_inverse(x: float) -> None:
    with localcontext(WIDE):
        assert abs(area_tangent(tangent(x)) / tangent(x) * tangent(x) / area_tangent(tangent(x)) - 1) < 1e-60
        assert abs(Fraction(area_tangent(tangent(x))) / Fraction(x) - 1) < Fraction(1, 10**60)


@pytest.mark.requirement("QREF-LB-022")
def test_one_bit_has_one_scale_for_the_layer() -> None:
    encoded = DoReFa(1).encode(np.array([[1, -3], [0, -0.0]], np.float32))
    assert isinstance(encoded, Scaled)
    assert encoded.codes.tolist() == [[1, -1], [1, 1]]
    assert encoded.scales.tolist() == [1]
    assert mean_magnitude(array()) == 0
    assert encoded.bits == 8 + 32


def test_more_bits_store_codes_alone() -> None:
    encoded = SCHEMES["dorefa"].of(3).encode(array(1, -1, 0, 0.1, 0.2))
    assert isinstance(encoded, Coded)
    assert encoded.bits == 16
    assert encoded.decode()[:2].tolist() == [1, -1]


def by_differences(W: np.ndarray, g: np.ndarray) -> np.ndarray:
    """∂(Σ g · tanh w / max |tanh w|)/∂w in float64, by a difference on both sides."""
    x, slopes = W.astype(np.float64), []
    for i in range(x.size):
        ends = []
        for h in (1e-6, -1e-6):
            t = np.tanh(x + h * (np.arange(x.size) == i))
            ends.append(float((g * t).sum() / np.abs(t).max()))
        slopes.append((ends[0] - ends[1]) / 2e-6)
    return np.array(slopes)


@pytest.mark.requirement("QREF-LB-023")
def test_the_gradient_is_the_derivative() -> None:
    W, g = array(0.5, -0.9, 0.1, 0.7), array(1, 2, -3, 0.5)
    slopes = [float(slope) for slope in weight_gradient(W, g, 3)]
    assert np.allclose(slopes, by_differences(W, g), rtol=1e-6)


@pytest.mark.requirement("QREF-LB-023")
def test_weights_that_reach_the_maximum_share_its_gradient() -> None:
    """Moving both by the same amount is the derivative along (1, −1), which no choice of shares changes."""
    W, g = array(0.5, -0.5, 0.25), array(1, 2, 4)
    slopes = weight_gradient(W, g, 2)
    x = W.astype(np.float64)

    def loss(h: float) -> float:
        t = np.tanh(x + h * np.array([1, -1, 0]))
        return float((g * t).sum() / np.abs(t).max())

    assert np.isclose(float(slopes[0] - slopes[1]), (loss(1e-6) - loss(-1e-6)) / 2e-6, rtol=1e-6)
    m = np.tanh(0.5)
    share = float((g * np.tanh(x)).sum()) / m**2 / 2
    assert np.isclose(float(slopes[0]), (1 - m * m) * (1 / m - share))
    assert np.isclose(float(slopes[1]), (1 - m * m) * (2 / m + share))


@pytest.mark.requirement("QREF-LB-023")
def test_steps_of_one_and_of_32_bits_are_plain() -> None:
    W, g = array(0.5, 0), array(2, 4)
    for bits in (1, 32):
        slopes, moved = weight_step(W, g, bits, 0.25)
        assert slopes.tolist() == [2, 4]
        assert moved.tolist() == [0, -1]
    slopes, moved = weight_step(W, g, 2, 0.25)
    assert moved[0] == np.float32(W[0] - 0.25 * slopes[0])
    with pytest.raises(InvalidInput, match="zeros"):
        weight_step(array(0, 0), g, 2, 0.25)


@pytest.mark.requirement("QREF-LB-024", "QREF-LB-025")
def test_activations_are_clipped_and_their_gradient_masked() -> None:
    x, g = array(-0.5, -0.0, 0, 0.4, 1, 1.01), np.arange(1, 7, dtype=np.float32)
    assert activation(x, 2).tolist() == [0, 0, 0, np.float32(1 / 3), 1, 1]
    assert activation_gradient(x, g, 2).tolist() == [0, 2, 3, 4, 5, 0]


@pytest.mark.requirement("QREF-LB-026")
def test_each_instance_has_its_own_maximum() -> None:
    dr = np.array([[1, -0.25], [0.01, 0.0025]], np.float32)
    assert maxima(dr).tolist() == [1, np.float32(0.01)]
    found = gradient(dr, 8, Stream(3))
    assert np.abs(found - dr).max(axis=1).tolist() < [2 / 255, 0.02 / 255]
    assert gradient(np.zeros((2, 3), np.float32), 2, Stream(1)).tolist() == [[0] * 3] * 2
    assert gradient(array(-1.5), 1, Stream(1)).tolist() == [-1.5]  # an instance of one element is its own maximum


@pytest.mark.requirement("QREF-LB-027")
def test_the_noise_is_the_streams_word_less_one_half() -> None:
    dr, stream = np.array([[0.3, -0.7, 1], [0.1, 0.2, 0.4]], np.float32), Stream(5, 9)
    words = stream.words(6).tolist()
    for i, code in enumerate(gradient_codes(dr, 2, stream).ravel().tolist()):
        M = Fraction(float(maxima(dr)[i // 3]))
        r = Fraction(float(dr.flat[i])) / (2 * M) + Fraction(1, 2) + (Fraction(words[i], 2**32) - Fraction(1, 2)) / 3
        assert code == quantize(r, 2)


def mean_code(value: Fraction, M: Fraction, bits: int) -> Fraction:
    """The mean of the code over all 2³² words, exact: codes rise with the word, so each begins where halving finds."""
    n, mean, begin = 2**bits - 1, Fraction(0), 0
    while begin < 2**32:
        code = quantize(noisy(value, M, n, begin), bits)
        low, high = begin, 2**32
        while low < high:
            middle = (low + high) // 2
            if quantize(noisy(value, M, n, middle), bits) == code:
                low = middle + 1
            else:
                high = middle
        mean += code * Fraction(low - begin, 2**32)
        begin = low
    return mean


@pytest.mark.requirement("QREF-LB-027")
@given(BITS, st.floats(-1, 1, width=32))
@example(bits=1, share=1.0)
@example(bits=1, share=-1.0)
@example(bits=2, share=0.0)
@example(bits=8, share=0.1)
def test_over_all_words_the_mean_is_the_gradient(bits: int, share: float) -> None:
    """No sampling. In steps of 2M/n the mean lies within 2⁻³² of dr, and codes stay inside 0 … n without a clip."""
    n, M = 2**bits - 1, Fraction(3)
    mean = mean_code(Fraction(share) * M, M, bits)
    exact = n * (Fraction(share) + 1) / 2
    assert abs(mean - exact) <= Fraction(1, 2**32)
    for word in (0, 2**32 - 1):
        assert 0 <= quantize(noisy(Fraction(share) * M, M, n, word), bits) <= n


@pytest.mark.requirement("QREF-LB-028")
def test_32_bits_change_nothing() -> None:
    x, g = array(-2, 0.3, 7), array(1, 2, 3)
    assert np.array_equal(activation(x, 32), x)
    assert np.array_equal(activation_gradient(x, g, 32), g)
    assert np.array_equal(gradient(x, 32, Stream(1)), x)


@given(BITS, arrays(np.float32, st.integers(1, 6), elements=SMALL))
def test_quantized_activations_stay(bits: int, x: np.ndarray) -> None:
    y = activation(x, bits)
    assert np.array_equal(activation(y, bits), y)
    assert y.min() >= 0 and y.max() <= 1


def test_what_float32_does_not_hold_on_the_way_leaves_no_margin() -> None:
    """m² of a layer of small weights, 2M of an instance of large gradients."""
    small = tensor([[2.0**-70, 2.0**-72]], "float32")
    assert dorefa_weight_step_margin(small, small) == 0
    assert dorefa_weight_step_margin(small, small, bits=1) == float("inf")
    assert dorefa_gradient_margin(tensor([[1.0, -2.0], [3e38, 1.0]], "float32")) == 0


@given(BITS, LAYER, st.randoms(use_true_random=False))
def test_the_order_of_the_weights_does_not_matter(bits: int, W: np.ndarray, random: Random) -> None:
    order = random.sample(range(W.size), W.size)
    encoded, moved = DoReFa(bits).encode(W), DoReFa(bits).encode(W[order])
    assert np.array_equal(moved.decode(), encoded.decode()[order])


@given(LAYER, st.integers(-20, 20))
def test_one_bit_scales_with_the_layer(W: np.ndarray, e: int) -> None:
    W = np.where(np.abs(W) < 2.0**-60, 0, W).astype(np.float32)
    assert np.array_equal(DoReFa(1).encode(np.ldexp(W, e)).decode(), np.ldexp(DoReFa(1).encode(W).decode(), e))
