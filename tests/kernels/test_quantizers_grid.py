"""Fast weights on grids, and grid codes, against the reference."""

import numpy as np
import pytest

pytest.importorskip("numba")
from qref import kernels, ops
from qref.kernels.quantizers import encode
from qref.numerics.tensor import tensor
from qref.ops.request import Request
from qref.quantizers import CHANNEL, SCHEMES, TENSOR, Granularity
from qref.quantizers.grid import KINDS


def weights() -> np.ndarray:
    W = np.random.default_rng(3).standard_normal((6, 37)).astype(np.float32)
    W[2], W[3, 5] = 0, 0
    W[4] *= np.float32(2.0**-140)
    W[5] *= np.float32(1e37)
    W[0, :5] = [1, -0.75, 0.5, 0.0234375, -0.0]
    return W


@pytest.mark.parametrize("name", ["uniform", "logarithmic", "lloyd-max"])
@pytest.mark.parametrize("grain", [CHANNEL, TENSOR, Granularity("group", 5)], ids=str)
def test_codes_are_the_references(name: str, grain: Granularity) -> None:
    W = weights()
    for bits in SCHEMES[name].bits:
        scheme = SCHEMES[name].of(bits, grain)
        fast, slow = encode(scheme, W), scheme.encode(W)
        assert np.array_equal(fast.codes, slow.codes), bits
        assert fast.decode() == pytest.approx(slow.decode(), rel=1e-6, abs=0)
        assert fast.bits == slow.bits


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [0.0, 0.25, 0.3, 2.0**-149, 1e30])
def test_grid_codes_are_the_references(kind: str, step: float) -> None:
    x = np.concatenate([np.arange(-40, 41) * np.float32(step or 1) / 4, [3e38, -3e38, 0.0, -0.0]]).astype(np.float32)
    inputs = tensor(x, "float32"), tensor(np.float32(step), "float32")
    for bits in (2, 3, 16):
        request = Request("GridQuantize", "qref", 1, {"grid": kind, "bits": bits}, inputs)
        assert kernels.run(request)[0].same(ops.run(request)[0])


@pytest.mark.parametrize("name", ["uniform", "logarithmic", "lloyd-max"])
def test_the_ends_of_float32(name: str) -> None:
    most, least = np.finfo(np.float32).max, np.float32(2.0**-149)
    W = np.array([[most, -most, most], [least, -least, 0], [3 * least, -least, most], [-0.0, 0.0, 0.0]], np.float32)
    for bits in SCHEMES[name].bits:
        scheme = SCHEMES[name].of(bits)
        fast, slow = encode(scheme, W), scheme.encode(W)
        assert np.array_equal(fast.codes, slow.codes) and np.array_equal(fast.scales, slow.scales)
