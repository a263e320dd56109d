"""The whole schedule of incremental quantization on a layer that learns a linear map."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from qref.numerics.philox import words
from qref.quantizers.incremental import Incremental, codebook, largest_exponent, step
from qref.training.incremental_quantization import stages

RATE, STEPS = 0.03125, 100


def numbers(seed: int, tensor: int, *shape: int) -> np.ndarray:
    """Even numbers of [−1, 1)."""
    return (words(seed, tensor, int(np.prod(shape))).reshape(shape) * 2.0**-31 - 1).astype(np.float32)


def inputs(seed: int) -> np.ndarray:
    """64 samples of 12 inputs that lie in three dimensions: each weight can stand in for others."""
    return numbers(seed, 0, 64, 3) @ numbers(seed, 2, 3, 12)


def target(seed: int) -> np.ndarray:
    return numbers(seed, 1, 12, 2)


def loss(seed: int, W: np.ndarray) -> float:
    return float(np.square(inputs(seed) @ (W - target(seed))).mean())


def trained(seed: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Steps down the gradient of the squared error, by equation 8."""
    X, T = inputs(seed), target(seed)

    def train(W: np.ndarray, frozen: np.ndarray) -> np.ndarray:
        for _ in range(STEPS):
            W = step(W, (2 * X.T @ (X @ (W - T)) / len(X)).astype(np.float32), frozen, RATE)
        return W

    return train


def test_masks_grow_and_all_ends_in_powers_of_two() -> None:
    found = list(stages(target(0), 4, trained(0)))
    assert [int(stage.frozen.sum()) for stage in found] == [12, 18, 21, 24]
    for before, after in pairwise(found):
        assert (after.frozen >= before.frozen).all()
    W = found[-1].W
    assert set(np.abs(W).ravel().tolist()) <= set(codebook(largest_exponent(W), 4).tolist())


@pytest.mark.parametrize("seed", range(6))
def test_weights_that_train_on_make_up_for_the_frozen_ones(seed: int) -> None:
    """Less error than all weights at once. It takes inputs that overlap: independent ones leave nothing to make up."""
    *_, last = stages(target(seed), 4, trained(seed))
    at_once = Incremental(4).encode(target(seed)).decode()
    assert loss(seed, last.W) < loss(seed, at_once)


def test_frozen_weights_are_put_back_whatever_training_does() -> None:
    *_, last = stages(target(1), 3, lambda W, frozen: W + np.float32(1))
    assert last.frozen.all()
    first = next(stages(target(1), 3, lambda W, frozen: np.zeros_like(W)))
    assert (first.W[first.frozen == 1] != 0).all() and (first.W[first.frozen == 0] == 0).all()


def test_training_may_change_the_weights_it_is_given() -> None:
    def train(W: np.ndarray, frozen: np.ndarray) -> np.ndarray:
        W += np.float32(1)
        frozen[:] = 0
        return W

    in_place = list(stages(target(1), 3, train))
    apart = list(stages(target(1), 3, lambda W, frozen: W + np.float32(1)))
    for one, other in zip(in_place, apart, strict=True):
        assert np.array_equal(one.W, other.W) and np.array_equal(one.frozen, other.frozen)
