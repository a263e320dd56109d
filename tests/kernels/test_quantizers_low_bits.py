"""Fast paths of ternary weights and of the training schemes against the reference."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import bounds, margin
from qref.ops import run as reference
from qref.ops.request import Request
from qref.quantizers import CHANNEL, TENSOR, Granularity
from qref.quantizers.dorefa import DoReFa
from qref.quantizers.incremental import Incremental
from qref.quantizers.ternary_weight import TernaryExact, TernaryWeight

pytest.importorskip("numba")
from qref.kernels import run
from qref.kernels.quantizers import encode

WEIGHTS = arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(0, 7)), elements=st.floats(-4, 4, width=32))
GRAINS = st.sampled_from([CHANNEL, TENSOR, Granularity("group", 2), Granularity("group", 3)])


def close(op: str, inputs: list[Any], **attributes: Any) -> None:
    """Codes as the reference's, floats inside their bounds; where a decision is close nothing is asked."""
    request = Request(op, "qref", 1, attributes, tuple(Tensor(str(x.dtype), x) for x in inputs), 2)
    distance = margin(request)
    assume(distance is None or distance > 1e-9)
    limits = bounds(request)
    for i, (own, golden) in enumerate(zip(run(request), reference(request), strict=True)):
        assert (own.dtype, own.shape) == (golden.dtype, golden.shape)
        if limits is None:
            assert np.array_equal(own.data, golden.data)
        else:
            assert (np.abs(decode(own) - decode(golden)) <= limits[i].tolerance).all()


@given(WEIGHTS, GRAINS, st.sampled_from(["TernaryWeight", "TernaryWeightExact"]))
def test_ternary_weights(W: np.ndarray, grain: Granularity, op: str) -> None:
    W = np.where(np.abs(W) < 2.0**-40, 0, W).astype(np.float32)
    close(op, [W], granularity=grain.kind, group_size=grain.size)
    scheme = (TernaryWeight if op == "TernaryWeight" else TernaryExact)(grain)
    fast, slow = encode(scheme, W), scheme.encode(W)
    assert np.array_equal(fast.codes, slow.codes)  # type: ignore[attr-defined]
    assert np.allclose(fast.scales, slow.scales, rtol=1e-6, atol=0)  # type: ignore[attr-defined]


@given(arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 12)), elements=st.integers(-13, 13)))
@example(W=np.array([[0, 1.1, 2.2, 2.2, 2.2, 1.1, 2.2]], np.float32))  # 1.1 is 7/10 of the mean: 0
@example(W=np.array([[7, 13], [0.7, 1.3]], np.float32))
@example(W=np.array([[14015588] * 5 + [3503897] * 40], np.float32))  # 5 weights serve as well as 45
@example(W=np.array([[3, 1, 1, 1], [0, 0, 0, 0]], np.float32))
def test_ternary_weights_on_a_boundary_are_decided_as_exact_numbers_are(W: np.ndarray) -> None:
    for scheme in (TernaryWeight(), TernaryExact()):
        assert np.array_equal(encode(scheme, W).codes, scheme.encode(W).codes)  # type: ignore[attr-defined]


def test_an_optimum_with_many_equals_is_found_by_the_reference() -> None:
    """Magnitudes √j − √(j−1) keep the objective level; float32 rounds them, and exact sums tell them apart."""
    j = np.arange(1, 200, dtype=np.float64)
    W = (np.sqrt(j) - np.sqrt(j - 1)).astype(np.float32)[np.newaxis]
    assert np.array_equal(encode(TernaryExact(), W).codes, TernaryExact().encode(W).codes)  # type: ignore[attr-defined]


@given(WEIGHTS, st.integers(-4, 4), st.sampled_from([0.5, 0.125]))
def test_steps(W: np.ndarray, k: int, rate: float) -> None:
    g = (W[::-1] * k).astype(np.float32)
    close("TernaryWeightStep", [W, g], learning_rate=rate)
    close("IncrementalStep", [W, g, (W > 0).astype(np.uint8)], learning_rate=rate)
    for bits in (1, 2, 32):
        if bits != 2 or W.any() or not W.size:
            close("DoReFaWeightStep", [W, g], learning_rate=rate, bits=bits)


@given(WEIGHTS, st.sampled_from([1, 2, 3, 8, 32]), st.integers(0, 99))
def test_dorefa(x: np.ndarray, bits: int, seed: int) -> None:
    x = np.where(np.abs(x) < 2.0**-100, 0, x).astype(np.float32)
    close("DoReFaActivation", [x], bits=bits)
    close("DoReFaActivationBackward", [x, x], bits=bits)
    close("DoReFaGradient", [x], bits=bits, seed=seed)
    if bits != 32:
        close("DoReFaWeight", [x], bits=bits)


@given(WEIGHTS, st.sampled_from(["relu", "clipped-relu", "log-tailed-relu"]))
def test_half_wave(x: np.ndarray, approximation: str) -> None:
    levels = np.array([0.25, 1.5], np.float32)
    close("HalfWaveQuantize", [x, levels])
    close("HalfWaveBackward", [x, x, levels], approximation=approximation)


def test_layers_longer_than_a_block() -> None:
    """Codes by thresholds go block by block; the last is short."""
    W = np.linspace(-1, 1, (1 << 20) + 7, dtype=np.float32)
    for scheme in (DoReFa(3), Incremental(4)):
        whole = encode(scheme, W).decode()
        ends = np.concatenate([W[:5], W[-9:]])  # both hold the largest magnitudes
        assert np.array_equal(whole[-9:], scheme.encode(ends).decode()[-9:])
