"""Error-corrected codebooks: by hand, and what holds of every correction."""

from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.codebooks.error_corrected import QUANTIZED_CNN, ErrorCorrected, corrected, solved
from qref.codebooks.subvectors import Subvectors
from qref.errors import InvalidInput, Unsupported
from qref.numerics.philox import Stream
from qref.numerics.tensor import tensor
from qref.ops import margin, run
from qref.ops.request import Request


def output_error(W: NDArray[np.float32], encoded: Subvectors, X: NDArray[np.float32]) -> float:
    """Σ ‖T − W'S‖², X [groups, samples, K]."""
    off = (W - encoded.decode()).astype(np.float64).reshape(len(X), -1, X.shape[2])
    return float(sum(np.square(part @ x.T.astype(np.float64)).sum() for part, x in zip(off, X)))


def start(W: list[list[float]], codes: list[list[int]], books: list[list[float]], d: int) -> Subvectors:
    return Subvectors(np.shape(W), "rows", np.array(codes, np.uint8), np.array(books, np.float32), d, width=8)


@pytest.mark.requirement("QREF-LU-006")
def test_with_identity_for_inputs_codewords_are_means() -> None:
    W = [[1.0, 0.0], [3.0, 0.0], [8.0, 4.0]]
    found = corrected(
        start(W, [[0], [0], [1]], [[0, 0], [8, 8]], 2),
        np.array(W, np.float32),
        np.eye(2, dtype=np.float32)[None],
        sweeps=10,
        ridge=0.0,
    )
    assert found.codebooks.tolist() == [[2, 0], [8, 4]]
    assert found.codes.tolist() == [[0], [0], [1]]


@pytest.mark.requirement("QREF-LU-008")
def test_a_sub_space_makes_up_for_what_others_leave() -> None:
    W, X = np.ones((1, 2), np.float32), np.full((1, 1, 2), 2, np.float32)
    found = corrected(start([[1, 1]], [[0, 0]], [[3, 5]], 1), W, X, sweeps=1, ridge=0.0)
    assert found.codebooks.tolist() == [[-3, 5]]


@pytest.mark.requirement("QREF-LU-008")
def test_the_first_sweep_that_changes_no_code_is_the_last() -> None:
    W, X = np.ones((1, 2), np.float32), np.array([[[1, 1], [0, 1], [0, 1]]], np.float32)
    begin = start([[1, 1]], [[0, 0]], [[3, 5]], 1)
    once, ten = (corrected(begin, W, X, sweeps, 0.0) for sweeps in (1, 10))
    assert np.array_equal(once.codebooks, ten.codebooks)
    assert not np.array_equal(corrected(once, W, X, 1, 0.0).codebooks, once.codebooks)


@pytest.mark.requirement("QREF-LU-007")
def test_of_codewords_that_leave_the_same_error_the_lowest_is_taken() -> None:
    W, X = np.array([[2, 4]], np.float32), np.eye(2, dtype=np.float32)[None]
    found = corrected(start([[2, 4]], [[1]], [[2, 4], [0, 0]], 2), W, X, 1, 0.0)
    assert found.codebooks.tolist() == [[2, 4], [2, 4]]
    assert found.codes.tolist() == [[0]]


@pytest.mark.requirement("QREF-LU-009")
def test_taps_of_a_kernel_that_share_a_codeword_are_solved_together() -> None:
    W, X = np.array([[[1, 3]]], np.float32), np.ones((1, 1, 2), np.float32)
    begin = Subvectors((1, 1, 2), "channels", np.zeros((2, 1), np.uint8), np.zeros((1, 1), np.float32), 1, width=8)
    assert corrected(begin, W, X, 1, 0.0).codebooks.tolist() == [[2]]  # 2 + 2 is what 1 + 3 gives


@pytest.mark.requirement("QREF-LU-010")
def test_an_element_that_follows_from_those_before_it_stays() -> None:
    A = np.array([[1, 2, 0], [2, 4, 0], [0, 0, 3]], object)
    change, pivots = solved(A, np.array([5, 10, 6], object))
    assert change == [5, 0, 2]
    assert pivots == [1, 0, 3]


@pytest.mark.requirement("QREF-LU-011")
def test_a_ridge_decides_what_inputs_leave_open() -> None:
    W, X = np.array([[1, 2], [3, 6]], np.float32), np.array([[[1, 0]]], np.float32)
    begin = start([[1, 2], [3, 6]], [[0], [0]], [[0, 0]], 2)
    assert corrected(begin, W, X, sweeps=1, ridge=0.0).codebooks.tolist() == [[2, 0]]
    assert corrected(begin, W, X, sweeps=1, ridge=1.0).codebooks.tolist() == [[2, 4]]


@pytest.mark.requirement("QREF-LU-006")
@pytest.mark.requirement("QREF-LU-007")
@pytest.mark.requirement("QREF-LU-009")
@given(st.data())
def test_the_error_of_outputs_is_not_above_that_of_the_start(data: st.DataObject) -> None:
    draw, number = data.draw, st.integers
    groups = draw(number(1, 2))
    shape = (groups * draw(number(1, 3)), draw(number(1, 4)), *draw(st.sampled_from([(), (1, 1), (2, 1)])))
    if groups > 1 and len(shape) == 2:
        shape = (*shape, 1)
    K = prod(shape[1:])
    rng = np.random.default_rng(draw(number(0, 2**32)))
    W = rng.standard_normal(shape).astype(np.float32)
    X = rng.standard_normal((groups, draw(number(0, 6)), K)).astype(np.float32)
    scheme = ErrorCorrected(draw(number(1, 2)), draw(number(1, 3)), sweeps=2, ridge=0.0)
    before = scheme.start(W).encode(W, stream=Stream(0))
    after = scheme.encode(W, inputs=X, stream=Stream(0))
    assert after.bits == before.bits
    assert output_error(W, after, X) <= output_error(W, before, X) * (1 + 1e-5) + 1e-9


@pytest.mark.requirement("QREF-LU-012")
def test_inputs_that_do_not_fit_are_named() -> None:
    W, scheme = np.ones((3, 4), np.float32), QUANTIZED_CNN.of()
    with pytest.raises(InvalidInput, match=r"inputs are missing: give .* \[samples, 4\]"):
        scheme.encode(W, stream=Stream(0))
    with pytest.raises(InvalidInput, match=r"inputs have shape \[2, 5\]"):
        scheme.encode(W, inputs=np.ones((2, 5), np.float32), stream=Stream(0))
    with pytest.raises(InvalidInput, match="inputs of 2 groups for 3 output channels"):
        scheme.encode(W, inputs=np.ones((2, 5, 4), np.float32), stream=Stream(0))


@pytest.mark.requirement("QREF-LU-006")
def test_kernels_without_taps_keep_their_codebooks() -> None:
    W, X = tensor(np.zeros((2, 3, 0)), "float32"), tensor(np.ones((4, 0)), "float32")
    codes, books = tensor(np.zeros((0, 2)), "uint8"), tensor(np.arange(6).reshape(2, 3), "float32")
    request = Request("ErrorCorrectedCodebook", "qref", 1, {"length": 2}, (W, X, codes, books), 2)
    assert run(request)[1].same(books)
    assert margin(request) == np.inf


def test_inputs_whose_gram_matrix_no_memory_holds_are_refused() -> None:
    W, X, codes = np.ones((1, 1 << 14)), np.ones((1, 1 << 14)), tensor(np.zeros((1, 1)), "uint8")
    w = tensor(W, "float32")
    request = Request("ErrorCorrectedCodebook", "qref", 1, {"length": 1 << 14}, (w, tensor(X, "float32"), codes, w), 2)
    with pytest.raises(Unsupported, match="at most"):
        run(request)
