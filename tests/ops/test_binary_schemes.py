"""Bounds and margins of the binary schemes: engines that do everything in float32, term by term, stay within them."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qref.errors import InvalidInput
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor, tensor
from qref.ops import bounds, margin, run
from qref.ops.request import Request

FLOAT = np.float32


def normal(seed: int, *shape: int) -> Any:
    """Normal numbers in float32."""
    return np.random.default_rng(seed).normal(size=shape).astype(FLOAT)


def of(*arrays: Any) -> tuple[Tensor, ...]:
    """Float32 tensors."""
    return tuple(tensor(np.asarray(x, FLOAT), "float32") for x in arrays)


def ask(op: str, inputs: tuple[Tensor, ...], outputs: int, **attributes: Any) -> Request:
    """A request of the domain qref."""
    return Request(op, "qref", 1, attributes, inputs, outputs)


def one_by_one(terms: Any) -> Any:
    """A sum in float32, from the first term to the last."""
    total = FLOAT(0)
    for term in np.asarray(terms, FLOAT).reshape(-1):
        total = FLOAT(total + term)
    return total


def within(request: Request, answers: list[Any]) -> None:
    """Each answer lies within its output's tolerance."""
    limits = bounds(request)
    assert limits is not None
    for y, limit, answer in zip(run(request), limits, answers, strict=True):
        assert (np.abs(np.asarray(answer, np.float64) - y.data) <= limit.tolerance).all()


@settings(max_examples=40)
@given(st.integers(0, 2**31), st.integers(1, 3), st.integers(1, 40))
def test_a_step_of_binary_weights_in_float32(seed: int, M: int, K: int) -> None:
    W, g, eta = normal(seed, M, K), normal(seed + 1, M, K), FLOAT(0.3)
    alpha = np.array([FLOAT(one_by_one(np.abs(w)) / FLOAT(K)) for w in W], FLOAT)[:, np.newaxis]
    factor = FLOAT(1) / FLOAT(K) + np.where(np.abs(W) <= 1, alpha, FLOAT(0))
    G = g * factor
    within(ask("BinaryWeightStep", of(W, g), 2, learning_rate=float(eta)), [G, W - eta * G])


@settings(max_examples=40)
@given(st.integers(0, 2**31), st.integers(1, 9), st.integers(1, 3))
def test_a_layer_of_xnor_net_in_float32(seed: int, C: int, k: int) -> None:
    """K and α rounded, then the products: as a layer computes that keeps its factors in float32."""
    X, W = normal(seed, 1, C, 4, 4), normal(seed + 1, 2, C, k, k)
    o = 5 - k
    A = np.array([[FLOAT(one_by_one(np.abs(X[0, :, i, j])) / FLOAT(C)) for j in range(4)] for i in range(4)], FLOAT)
    K = np.array(
        [[one_by_one(A[i : i + k, j : j + k]) * FLOAT(FLOAT(1) / FLOAT(k * k)) for j in range(o)] for i in range(o)],
        FLOAT,
    )
    alpha = np.array([FLOAT(one_by_one(np.abs(w)) / FLOAT(w.size)) for w in W], FLOAT)
    signs_x, signs_w = np.where(X >= 0, 1, -1), np.where(W >= 0, 1, -1)
    products = [
        [[(signs_x[0, :, i : i + k, j : j + k] * w).sum() for j in range(o)] for i in range(o)] for w in signs_w
    ]
    y = np.array(products, FLOAT) * K * alpha[:, np.newaxis, np.newaxis]
    within(ask("XnorConv", of(X, W), 1), [y[np.newaxis]])
    within(ask("XnorActivation", of(X), 2, kernel_shape=[k, k]), [signs_x, K[np.newaxis, np.newaxis]])


@settings(max_examples=60)
@given(st.integers(0, 2**31), st.integers(2, 8), st.integers(2, 20))
def test_draws_in_float32_are_the_exact_ones_where_the_margin_is_wide(seed: int, m: int, K: int) -> None:
    W = normal(seed, m, K)
    request = ask("StochasticQuantization", of(W), 3, seed=seed)
    found = margin(request)
    assert found is not None
    assume(found >= 2.0**-16)
    alpha = np.array([FLOAT(one_by_one(np.abs(w)) / FLOAT(K)) for w in W], FLOAT)
    deviation = [one_by_one(np.abs(w - np.where(w >= 0, a, -a))) for w, a in zip(W, alpha)]
    e = np.array([FLOAT(d / one_by_one(np.abs(w))) for d, w in zip(deviation, W)], FLOAT)
    f = FLOAT(1) / (e + FLOAT(1e-7))
    chosen = np.zeros(m, np.int8)
    for word in Stream(seed).words(m - m // 2):
        ends = np.cumsum(f, dtype=FLOAT)
        row = int(np.argmax(FLOAT(int(word) * 2.0**-32) * ends[-1] < ends))
        chosen[row], f[row] = 1, 0
    hybrid = np.where(chosen[:, np.newaxis] == 1, np.where(W >= 0, 1, -1) * alpha[:, np.newaxis], W)
    within(request, [chosen, hybrid, e])


def test_the_margin_is_the_distance_to_the_nearest_end() -> None:
    """Two rows without error, whose sums are exact, and one draw: the distance from u to ½."""
    W = [[1, -1], [2, 2]]
    for seed in range(5):
        u = Fraction(int(Stream(seed).words(1)[0]), 2**32)
        found = margin(ask("StochasticQuantization", of(W), 3, seed=seed))
        assert found == pytest.approx(float(abs(u - Fraction(1, 2))))


def test_a_row_whose_error_is_computed_and_tiny_makes_every_draw_doubtful() -> None:
    """0.1 three times: α of a float32 sum may be off by a unit, and 1 / (e + ε) by as much as it likes."""
    rows = [[0.1, 0.1, 0.1], [1, 2, 4]]
    found = margin(ask("StochasticQuantization", of(rows), 3))
    assert found is not None and found < 2.0**-16


def test_where_nothing_is_drawn_there_is_no_margin() -> None:
    for ratio in (0.0, 100.0):
        assert margin(ask("StochasticQuantization", of([[1, 2], [3, 5]]), 3, ratio=ratio)) == float("inf")


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (ask("BinaryConnect", of([1.0]), 1, mode="other"), "mode is 'other'"),
        (ask("BinaryConnectBackward", of([[1.0]], [[1.0, 2.0]], [[1.0]]), 2), "a has 1 columns, W 2"),
        (ask("BinaryConnectStep", of([1.0], [1.0, 2.0]), 1), "g has shape"),
        (ask("XnorActivation", of([[[1.0]]]), 2), "kernel_shape is not given"),
        (ask("XnorActivation", of(np.ones((1, 3, 2))), 2, kernel_shape=[1], group=2), "group 2 does not divide C = 3"),
        (ask("XnorConv", (*of(np.ones((1, 1, 2))), tensor([[[1]]], "int8")), 1), "give scale"),
        (ask("StochasticQuantization", of([[1.0]]), 3, ratio=-1.0), "ratio is -1"),
        (ask("StochasticQuantization", of([[1.0]]), 3, ratio=50.0, seed=-1), "seed -1"),
    ],
)
def test_what_is_refused_is_named(request_: Request, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        run(request_)
