"""Fast paths of the binary schemes beside the reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")
from qref import kernels
from qref.kernels.quantizers import encode
from qref.numerics.philox import Stream
from qref.numerics.tensor import tensor
from qref.ops import bounds, run
from qref.ops.request import Request
from qref.quantizers import SCHEMES


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1), st.integers(0, 70))
def test_random_signs_are_those_of_the_stream(seed: int, number: int, size: int) -> None:
    W = np.linspace(-1.25, 1.25, size, dtype=np.float32)
    scheme, stream = SCHEMES["binary-connect-stochastic"].of(), Stream(seed, number)
    assert np.array_equal(encode(scheme, W, stream=stream).codes, scheme.encode(W, stream=stream).codes)


def test_deterministic_signs() -> None:
    W = np.array([[0.0, -0.0, -1e-45], [3, -3, 1e-45]], np.float32)
    fast = encode(SCHEMES["binary-connect"].of(), W)
    assert fast.codes.tolist() == [[1, 1, 0], [1, 0, 1]]
    assert fast.packed() == SCHEMES["binary-connect"].of().encode(W).packed()


def within(request: Request) -> None:
    """The fast path's answer lies within the bound of the reference's."""
    golden, limits, fast = run(request), bounds(request), kernels.run(request)
    assert len(golden) == len(fast)
    for i, (y, mine) in enumerate(zip(golden, fast)):
        assert (y.dtype, y.shape) == (mine.dtype, mine.shape)
        tolerance = 0.0 if limits is None else limits[i].tolerance
        assert (np.abs(mine.data.astype(np.float64) - y.data) <= tolerance).all()


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(1, 70), st.integers(1, 3), st.integers(1, 2), st.integers(0, 2))
def test_layers_of_xnor_net(seed: int, channels: int, k: int, stride: int, pad: int) -> None:
    drawn = np.random.default_rng(seed)
    X = tensor(drawn.normal(size=(1, channels, 5, 4)).astype(np.float32), "float32")
    W = tensor(drawn.normal(size=(3, channels, k, k)).astype(np.float32), "float32")
    given = {"strides": [stride, stride], "pads": [pad] * 4}
    within(Request("XnorConv", "qref", 1, given, (X, W), 1))
    within(Request("XnorActivation", "qref", 1, {**given, "kernel_shape": [k, k]}, (X,), 2))


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 6), st.integers(1, 4))
def test_steps_of_training(seed: int, M: int, K: int, N: int) -> None:
    drawn = np.random.default_rng(seed)
    a, W, g = (tensor(drawn.normal(size=s).astype(np.float32), "float32") for s in ((N, K), (M, K), (N, M)))
    within(Request("BinaryConnectBackward", "qref", 1, {}, (a, W, g), 2))
    within(Request("BinaryConnectBackward", "qref", 1, {"mode": "stochastic", "seed": seed}, (a, W, g), 2))
    within(Request("StochasticQuantizationStep", "qref", 1, {"seed": seed}, (a, W, g), 2))
    other = tensor(drawn.normal(size=(M, K)).astype(np.float32), "float32")
    within(Request("BinaryConnectStep", "qref", 1, {"learning_rate": 0.5}, (W, other), 1))
    for grain in ({}, {"granularity": "tensor"}, {"granularity": "group", "group_size": 2}):
        within(Request("BinaryWeightStep", "qref", 1, {"learning_rate": 0.5, **grain}, (W, other), 2))
