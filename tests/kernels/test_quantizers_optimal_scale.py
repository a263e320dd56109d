"""The fast paths of optimal scales: the reference's codes, near ties included."""

import numpy as np
import pytest

pytest.importorskip("numba")

from qref.kernels import quantizers as fast
from qref.quantizers.granularity import CHANNEL, TENSOR, Granularity
from qref.quantizers.optimal_scale import OptimalScale
from qref.quantizers.optimal_scale_global import OptimalScaleGlobal

GRAINS = (CHANNEL, TENSOR, Granularity("group", 7))
DRAWS = {
    "normal": lambda rng, n: rng.normal(size=(3, n)),
    "on a grid": lambda rng, n: np.round(rng.normal(size=(3, n)) * 8) / 8,
    "heavy tails": lambda rng, n: rng.normal(size=(3, n)) ** 5,
    "equal": lambda rng, n: np.sign(rng.normal(size=(3, n))) * 0.3,
    "zeros": lambda rng, n: rng.normal(size=(3, n)) * (rng.normal(size=(3, n)) > 1.5),
}


@pytest.mark.parametrize("scheme", [OptimalScale, OptimalScaleGlobal])
@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("n", [1, 2, 40, 500])
def test_codes_are_the_references(scheme: type, draw: str, n: int) -> None:
    W = DRAWS[draw](np.random.default_rng(n), n).astype(np.float32)
    for bits in (2, 4, 8):
        for grain in GRAINS:
            one = scheme(bits, grain)
            wanted, found = one.encode(W), fast.encode(one, W)
            assert np.array_equal(found.codes, wanted.codes), (bits, grain)
            assert np.allclose(found.scales, wanted.scales, rtol=2.0**-22, atol=0), (bits, grain)


@pytest.mark.parametrize("scheme", [OptimalScale, OptimalScaleGlobal])
@pytest.mark.parametrize("draw", ["normal", "on a grid"])
def test_long_parts_are_searched_instead_of_summed(scheme: type, draw: str) -> None:
    W = DRAWS[draw](np.random.default_rng(1), 1500).astype(np.float32)
    for bits in (2, 5):
        one = scheme(bits, TENSOR)
        wanted, found = one.encode(W), fast.encode(one, W)
        assert np.array_equal(found.codes, wanted.codes)
        assert np.allclose(found.scales, wanted.scales, rtol=2.0**-22, atol=0)
