"""Mistakes of low rank: what each gives on a request that shows it, and where it gives what is right."""

import numpy as np
import pytest

from qref import ops
from qref.errors import QrefError
from qref.mistakes import MISTAKES
from qref.numerics.tensor import Tensor, tensor
from qref.ops import OPERATORS
from qref.ops.request import Request

RANDOM = np.random.default_rng(4)


def asked(op: str, *inputs: Tensor, **attributes: object) -> Request:
    return Request(op, "qref", 1, dict(attributes), inputs, OPERATORS["qref", op].outputs)


def floats(*shape: int) -> Tensor:
    return tensor(RANDOM.standard_normal(shape).astype(np.float32), "float32")


def test_sigma_nowhere_and_everywhere() -> None:
    request = asked("LowRankSvd", tensor(np.array([[2]], np.float32), "float32"))
    for name, wanted in (("low-rank-sigma-left-out", 1), ("low-rank-sigma-twice", 4)):
        B, A = MISTAKES[name].run(request)
        assert (A.data @ B.data).tolist() == [[wanted]]


def test_the_smallest_value_kept() -> None:
    request = asked("LowRankSvd", tensor(np.diag([3, 1]).astype(np.float32), "float32"), rank=1)
    B, A = MISTAKES["low-rank-smallest-kept"].run(request)
    assert (A.data @ B.data).tolist() == [[0, 0], [0, 1]]


def test_ranks() -> None:
    four = tensor(np.eye(4, dtype=np.float32), "float32")
    [rank] = MISTAKES["low-rank-energy-exceeded"].run(asked("RankOfEnergy", four, energy=0.5))
    assert rank.data == 3
    shape = tensor(np.array([8, 8], np.int64), "int64")
    assert [y.data.tolist() for y in MISTAKES["rank-by-less-than-the-budget"].run(asked("RankOfSpeed", shape))] == [[1]]
    layer = tensor(np.array([64, 128], np.int64), "int64")
    assert [y.data.tolist() for y in MISTAKES["rank-counts-one-layer"].run(asked("RankOfSpeed", layer))] == [[32]]
    assert ops.run(asked("RankOfSpeed", layer))[0].data.tolist() == [21]


def test_a_square_kernel_turned() -> None:
    factors = floats(2, 3, 3, 1), floats(4, 2, 1, 3)
    request = asked("LowRankReconstruct", *factors, method="spatial")
    [W], [wrong] = ops.run(request), MISTAKES["spatial-reconstructs-transposed"].run(request)
    assert np.array_equal(wrong.data, W.data.swapaxes(2, 3)) and not np.array_equal(wrong.data, W.data)


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("tucker-ranks-exchanged", asked("Tucker2", floats(4, 3, 3, 3), rank_in=2, rank_out=2)),
        ("tucker-without-sweeps", asked("Tucker2", floats(4, 3, 3, 3), rank_in=2)),
        ("tucker-core-of-first-projections", asked("Tucker2", floats(4, 3, 3, 3), rank_in=2)),
        ("spatial-matrix-by-reshape", asked("LowRankSpatial", floats(1, 3, 3, 1))),
        ("rank-ignores-strides", asked("RankOfSpeed", tensor(np.array([8, 8, 3, 3], np.int64), "int64"), method="cp")),
        ("matrix-of-the-other-channels", asked("SingularValues", floats(3, 4))),
        ("spatial-reconstructs-transposed", asked("LowRankReconstruct", floats(2, 3), floats(4, 2))),
    ],
)
def test_nothing_shows(name: str, request_: Request) -> None:
    for wrong, right in zip(MISTAKES[name].run(request_), ops.run(request_), strict=True):
        assert np.array_equal(wrong.data, right.data)


def test_no_operator_of_another_kind() -> None:
    for name in ("low-rank-sigma-twice", "cp-sizes-dropped", "singular-values-squared"):
        with pytest.raises(QrefError):
            MISTAKES[name].run(asked("RankOfSpeed", tensor(np.array([8, 8], np.int64), "int64")))
