"""What has no answer, and what the message says."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from qref.compression.low_rank import DECOMPOSE, RECONSTRUCT, rank
from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import Tensor
from qref.ops import run
from qref.ops.request import Request

W, KERNEL = np.ones((3, 4), np.float32), np.ones((2, 3, 3, 3), np.float32)
REQUESTS: list[tuple[Callable[[], object], str]] = [
    (lambda: DECOMPOSE["svd"](W, 4), r"rank is 4: a matrix \[3, 4\] takes 1 to 3"),
    (lambda: DECOMPOSE["svd"](W, 0), "rank is 0"),
    (lambda: DECOMPOSE["svd"](W[:0], 1), "takes 1 to 0"),
    (lambda: DECOMPOSE["svd"](KERNEL, 1), "kernels of 0 spatial axes"),
    (lambda: DECOMPOSE["svd"](W, 1, "both"), "sigma is 'both'"),
    (lambda: DECOMPOSE["svd"](W.astype(np.float64), 1), "float64"),
    (lambda: DECOMPOSE["channel"](np.full((2, 2, 1), np.nan, np.float32), 1), "nan"),
    (lambda: DECOMPOSE["spatial"](KERNEL[:, :, 0], 1), "kernels of 2 spatial axes"),
    (lambda: DECOMPOSE["tucker2"](KERNEL, 4, 1), "rank_in is 4"),
    (lambda: DECOMPOSE["tucker2"](KERNEL, 1, 3), "rank_out is 3"),
    (lambda: DECOMPOSE["tucker2"](KERNEL, 1, 1, -1), "sweeps is -1"),
    (lambda: DECOMPOSE["cp"](KERNEL, 1, 0), "sweeps 0"),
    (lambda: DECOMPOSE["cp"](KERNEL, 1, 1, -1), "seed -1"),
    (lambda: rank.of_energy(W[0], Fraction(0)), "energy is 0"),
    (lambda: rank.of_speed("svd", (3, 4), Fraction(-1)), "speed is -1"),
    (lambda: rank.of_speed("svd", (3, 4, 1, 1), Fraction(2)), "svd takes"),
    (lambda: rank.of_speed("winograd", (3, 4), Fraction(2)), "'winograd'"),
    (lambda: rank.of_speed("spatial", (3, 4, 3, 3), Fraction(2), (2,)), "strides are"),
]


@pytest.mark.requirement("QREF-LR-014")
@pytest.mark.parametrize(("request_", "words"), REQUESTS)
def test_what_has_no_answer_is_refused(request_: Callable[[], object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        request_()


@pytest.mark.parametrize("shape", [(65, 192), (2000, 2000), (4096, 17)])
def test_a_matrix_that_would_take_minutes_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(Unsupported, match=r"takes minutes in decimal: give arithmetic FLOAT64"):
        rank.singular_values(np.ones(shape, np.float32))


@pytest.mark.parametrize("shape", [(2, 0), (0, 2), (3, 0, 3, 3), (3, 2, 0, 3), (0, 0, 1, 1)])
def test_a_matrix_without_elements_has_no_singular_value(shape: tuple[int, ...]) -> None:
    W = Tensor("float32", np.zeros(shape, np.float32))
    for matricization in ("output", "input"):
        (found,) = run(Request("SingularValues", "qref", 1, {"matricization": matricization}, (W,)))
        assert found.shape == (0,)


@pytest.mark.parametrize("axis", range(4))
def test_cp_of_a_kernel_without_elements_has_factors_without_weight(axis: int) -> None:
    shape = tuple(0 if k == axis else 2 for k in range(4))
    factors = DECOMPOSE["cp"](np.zeros(shape, np.float32), 3, 2).tensors
    assert RECONSTRUCT["cp"](*factors).shape == shape
    assert all(not factor.size or np.isfinite(factor).all() for factor in factors)
    assert not factors[-1].any()


def test_factors_of_a_method_that_there_is_not_are_refused() -> None:
    F = Tensor("float32", W[:2, :2])
    with pytest.raises(InvalidInput, match="method is 'z': give svd, channel"):
        run(Request("LowRankReconstruct", "qref", 1, {"method": "z"}, (F, F)))
