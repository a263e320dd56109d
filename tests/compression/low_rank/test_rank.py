"""Ranks by energy and by speed."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.compression.low_rank import DECOMPOSE, rank
from qref.compression.low_rank.arithmetic import exact

METHODS = ("channel", "spatial", "tucker2", "cp")


@pytest.mark.requirement("QREF-LR-010")
def test_the_smallest_rank_that_keeps_the_share() -> None:
    sigma = rank.singular_values(np.diag([2, 1, 1, 1, 1]).astype(np.float32))
    shares = [Fraction(n, 16) for n in (1, 8, 9, 10, 11, 12, 13, 14, 16)]
    assert [rank.of_energy(sigma, share) for share in shares] == [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert rank.of_energy(exact(np.zeros(0, np.float32)), Fraction(1, 2)) == 0
    assert rank.of_energy(exact(np.zeros(3, np.float32)), Fraction(1, 2)) == 1


@pytest.mark.requirement("QREF-LR-011")
@given(st.sampled_from(METHODS), st.tuples(*[st.integers(1, 24)] * 2), st.integers(1, 5), st.floats(0.5, 8))
def test_the_largest_rank_that_is_fast_enough(method: str, channels: tuple[int, int], k: int, speed: float) -> None:
    shape, wanted = (*channels, k, k), Fraction(speed)
    whole = int(np.prod(shape))
    found = rank.of_speed(method, shape, wanted)
    steps = range(1, rank.most(method, shape) + 1)
    fast = [s for s in steps if rank.macs(method, shape, rank.at_step(method, shape, s)) * wanted <= whole]
    assert found == (rank.at_step(method, shape, max(fast)) if fast else (0,) * len(found))


@pytest.mark.requirement("QREF-LR-011")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("strides", [(1, 1), (2, 1), (1, 2), (2, 3)])
def test_work_is_that_of_the_layers(method: str, strides: tuple[int, int]) -> None:
    shape = (6, 5, 3, 2)
    ranks = (2, 3) if method == "tucker2" else (2,)
    factors = DECOMPOSE[method](np.random.default_rng(0).standard_normal(shape).astype(np.float32), *ranks)
    rows, columns = strides  # positions of the input for one of the output, until the layer that has the stride
    counted = 0
    for i, layer in enumerate(factors.tensors):
        if {"channel": i == 0, "spatial": i == 0, "tucker2": i == 1, "cp": i == 1}[method]:
            rows = 1
        if {"channel": i == 0, "spatial": i == 1, "tucker2": i == 1, "cp": i == 2}[method]:
            columns = 1
        counted += layer.size * rows * columns
    assert rank.macs(method, shape, ranks, strides) == counted
    assert rank.macs(method, shape, ranks) == factors.count
