"""Low rank in float64 against the reference, within its bounds; on layers of real sizes by what must hold."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qref import kernels
from qref.compression.low_rank import DECOMPOSE, RECONSTRUCT
from qref.kernels.compression.low_rank import FLOAT64
from qref.numerics.tensor import tensor
from qref.ops import OPERATORS, bounds, margin, run
from qref.ops.request import Request

KERNEL = (4, 3, 2, 2)
REQUESTS: list[tuple[str, tuple[int, ...], dict[str, Any]]] = [
    *(("LowRankSvd", (5, 7), {"rank": 3, "sigma": sigma}) for sigma in ("first", "last", "even")),
    ("LowRankChannel", KERNEL, {"rank": 2}),
    ("LowRankSpatial", KERNEL, {"rank": 3}),
    ("Tucker2", KERNEL, {"rank_in": 2, "rank_out": 3, "sweeps": 1}),
    ("CpDecomposition", KERNEL, {"rank": 2, "sweeps": 2}),
    ("LowRankApproximation", KERNEL, {"rank": 2, "matricization": "input"}),
    ("SingularValues", KERNEL, {"matricization": "spatial"}),
    ("RankOfEnergy", KERNEL, {"energy": 0.75}),
]


@pytest.mark.parametrize(("op", "shape", "attributes"), REQUESTS)
@settings(max_examples=8)
@given(st.integers(0, 2**32 - 1))
def test_within_the_bounds(op: str, shape: tuple[int, ...], attributes: dict[str, Any], seed: int) -> None:
    W = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    request = Request(op, "qref", 1, attributes, (tensor(W, "float32"),), OPERATORS["qref", op].outputs)
    distance = margin(request)
    if distance is not None and distance < 2**-10:
        return
    limits = bounds(request) or [None] * 4
    for golden, found, limit in zip(run(request), kernels.run(request), limits):
        off = np.abs(golden.data.astype(np.float64) - found.data)
        assert golden.shape == found.shape and (off <= (0.0 if limit is None else limit.tolerance)).all()


def test_without_weights() -> None:
    for shape in ((0, 3), (3, 0)):
        W = tensor(np.zeros(shape, np.float32), "float32")
        [values] = kernels.run(Request("SingularValues", "qref", 1, {}, (W,), 1))
        assert values.shape == (0,)


def test_a_real_layer() -> None:
    W = np.random.default_rng(5).standard_normal((32, 24, 3, 3)).astype(np.float32)
    for method, ranks in (("channel", (16,)), ("spatial", (24,)), ("tucker2", (12, 20))):
        V = RECONSTRUCT[method](*DECOMPOSE[method](W, *ranks, arithmetic=FLOAT64).tensors)
        assert 0.2 < np.linalg.norm(W - V) / np.linalg.norm(W) < 1
