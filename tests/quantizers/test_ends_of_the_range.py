"""Binary and factorized schemes at the ends of float32's range: bounds that know of sums on the way, and limits."""

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from qref.errors import InvalidInput, Unsupported
from qref.kernels import OPERATORS as FAST
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor, tensor
from qref.ops import OPERATORS, Bound, bounds, margin, run
from qref.ops.request import Request

SMALLEST = 2.0**-149


def ask(op: str, *inputs: Tensor, **attributes: Any) -> Request:
    """A request for all outputs of an operator."""
    return Request(op, "qref", 1, attributes, inputs, OPERATORS["qref", op].outputs)


def floats(values: ArrayLike) -> Tensor:
    """A float32 tensor."""
    return tensor(np.asarray(values, np.float32), "float32")


def limits(request: Request) -> list[Bound]:
    """The bounds of a request that has some."""
    found = bounds(request)
    assert found is not None
    return found


def by_kernel(request: Request) -> list[Tensor]:
    """What the fast path answers; a warning is an error."""
    fast = FAST["qref", request.op]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = fast.run(request, OPERATORS["qref", request.op])
    return [answer] if isinstance(answer, Tensor) else list(answer)


@pytest.mark.parametrize(
    ("request_", "output"),
    [
        (ask("BinaryWeight", floats([[3e38, 1e38, -1e38]])), 1),
        (ask("BinaryWeightStep", floats([[3e38, 1e38, 0.5]]), floats([[0.0, 0.0, 1e-30]])), 0),
        (ask("XnorActivation", floats(np.full((1, 2, 1, 1), 2e38)), kernel_shape=[1, 1]), 1),
        (ask("XnorConv", floats(np.full((1, 2, 1, 1), 2e38)), floats(np.full((1, 2, 1, 1), 1e-20))), 0),
        (ask("StochasticQuantization", floats([[3e38, 1e38, -1e38]]), ratio=100.0), 1),
    ],
)
def test_a_mean_says_where_its_sum_overflows(request_: Request, output: int) -> None:
    assert np.isfinite(decode(run(request_)[output])).all()
    found = limits(request_)[output].overflow
    assert found is not None and found.any()


def test_a_step_of_a_large_rate_allows_what_subnormal_gradients_lose() -> None:
    request = ask(
        "StochasticQuantizationStep", *map(floats, ([[1.0]], [[0.0]], [[3 * SMALLEST]])), learning_rate=2.0**100
    )
    _, of_step = limits(request)
    assert (of_step.tolerance >= 2.0**100 * SMALLEST).all()


def test_a_factorized_layer_says_where_its_first_steps_overflow() -> None:
    X, Y = tensor([[1, 0]], "int8"), tensor(np.ones((2, 2, 1, 1), np.int8), "int8")
    small = ask("FactorizedConv", floats(np.full((1, 2, 1, 1), 3e38)), X, floats([1e-30, 1.0]), Y)
    unused = ask("FactorizedConv", floats(np.ones((1, 2, 1, 1))), X, floats([1.0, 3e38]), Y)
    for request in (small, unused):
        assert np.isfinite(decode(run(request)[0])).all()
        [found] = limits(request)
        assert found.overflow is not None and found.overflow.all() and (found.tolerance > 0).all()


def test_kernels_do_not_warn_of_sums_that_overflow() -> None:
    huge = floats([[3e38, 3e38], [3e38, 3e38]])
    by_kernel(ask("BinaryConnectBackward", huge, huge, huge))
    by_kernel(ask("StochasticQuantizationStep", huge, huge, huge, learning_rate=3e38))
    ones = tensor(np.ones((2, 2), np.int8), "int8"), tensor(np.ones((2, 2, 1, 1), np.int8), "int8")
    by_kernel(ask("FactorizedConv", floats(np.full((1, 2, 1, 1), 3e38)), ones[0], floats([3e38, 3e38]), ones[1]))


@pytest.mark.requirement("QREF-HA-004", "QREF-HA-005")
def test_the_kernel_does_not_round_a_scale_that_is_subnormal() -> None:
    W = np.array([[5, -1, -2, 1], [-2, -2, -4, -3]], np.float32) * np.float32(SMALLEST)
    X = [[0.085, 0.0, -0.3, 1.66], [0.256, 0.79, 0.0, 0.248], [0.0, 0.0, 0.0, 0.0]]
    request = ask("InnerProductHashing", floats(W), floats(X))
    assert np.array_equal(by_kernel(request)[0].data, run(request)[0].data)


@pytest.mark.requirement("QREF-HA-005")
def test_a_scale_beyond_float32_is_its_largest_number() -> None:
    request = ask("InnerProductHashing", floats([[-2e38, -3e38, 0.0]]), floats([[2.0, 1.0, -3.0], [1.0, -1.0, -2.0]]))
    assert abs(decode(run(request)[1]).item()) == np.finfo(np.float32).max
    assert margin(request) is not None


def test_more_terms_than_memory_holds_are_refused() -> None:
    for terms in (2**31, 2**62):
        for function in (run, margin, by_kernel):
            with pytest.raises(Unsupported):
                function(ask("SemidiscreteDecomposition", floats([[1.0, 2.0]]), terms=terms))


def test_terms_and_epochs_that_have_nothing_left_take_no_time() -> None:
    request = ask("SemidiscreteDecomposition", floats([[1.0, 2.0], [0.0, 2.0]]), terms=10**6, epochs=10**9)
    X, D, Y = run(ask("SemidiscreteDecomposition", floats([[2.0]]), terms=10**6))
    assert D.data[0] == 2 and not D.data[1:].any() and not X.data[:, 1:].any() and not Y.data[1:].any()
    request = ask("SemidiscreteDecomposition", floats([[1.0, 2.0], [0.0, 2.0]]), terms=2, epochs=10**9)
    assert limits(request) and run(request)


def test_a_ratio_that_is_none_is_refused_by_the_margin_too() -> None:
    with pytest.raises(InvalidInput):
        margin(ask("StochasticQuantization", floats([[1.0]]), ratio=2.0**40))
