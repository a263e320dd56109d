"""Pruning n:m: blocks along the input channels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from qref.compression.structured_pruning import keep_n_of_m
from qref.errors import InvalidInput

few = st.sampled_from([-3.0, -1.0, -0.0, 0.0, 1.0, 2.0, 3.0])
weights = arrays(np.float32, array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=7), elements=few)


@pytest.mark.requirement("QREF-PR-005")
def test_two_of_four_stay() -> None:
    W = np.array([[1, -4, 3, 2, 5, 6, -7, 8]], np.float32)
    assert keep_n_of_m(W, 2, 4).astype(int).tolist() == [[0, 1, 1, 0, 0, 0, 1, 1]]


@pytest.mark.requirement("QREF-PR-006")
def test_a_short_block_keeps_as_many_as_the_others() -> None:
    W = np.array([[1, 2, 3, 4, 1, 2, 3]], np.float32)
    assert keep_n_of_m(W, 2, 4).astype(int).tolist() == [[0, 0, 1, 1, 0, 1, 1]]
    assert keep_n_of_m(W[:, :6], 2, 4).astype(int).tolist() == [[0, 0, 1, 1, 1, 1]]


@pytest.mark.requirement("QREF-PR-005")
def test_blocks_of_a_kernel_run_along_its_input_channels() -> None:
    W = np.array([[[1, 9], [5, 1]], [[5, 1], [1, 9]]], np.float32)  # [M, C, k]: of two channels one stays, for each tap
    assert keep_n_of_m(W, 1, 2).astype(int).tolist() == [[[0, 1], [1, 0]], [[1, 0], [0, 1]]]


@given(weights, st.integers(1, 4), st.integers(0, 4))
def test_each_block_keeps_its_largest(W: NDArray[np.float32], n: int, more: int) -> None:
    m = n + more
    mask = np.moveaxis(keep_n_of_m(W, n, m), 1, -1)
    moved = np.moveaxis(W, 1, -1)
    for at in np.ndindex(*moved.shape[:-1]):
        for begin in range(0, W.shape[1], m):
            block = np.abs(moved[at][begin : begin + m]).tolist()
            wanted = sorted(range(len(block)), key=lambda i: (-block[i], i))[:n]
            assert set(np.flatnonzero(mask[at][begin : begin + m])) == set(wanted)


@pytest.mark.parametrize("shape", [(), (5,)])
def test_without_input_channels_all_stay(shape: tuple[int, ...]) -> None:
    assert keep_n_of_m(np.ones(shape, np.float32), 1, 4).all()


@pytest.mark.parametrize(("n", "m"), [(0, 4), (5, 4)])
def test_n_is_one_to_m(n: int, m: int) -> None:
    with pytest.raises(InvalidInput, match=f"{n}:{m}"):
        keep_n_of_m(np.ones((1, 8), np.float32), n, m)
