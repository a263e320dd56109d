"""Sigmoid, Tanh and Softmax: their axes, and which evaluations lie within their bounds."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops.bound import FLUSHED, NARROW, Bound
from qref.ops.onnx.approximations import APPROXIMATED
from qref.ops.onnx.sigmoid import bound as sigmoid_bound
from qref.ops.onnx.sigmoid import sigmoid
from qref.ops.onnx.softmax import bound as softmax_bound
from qref.ops.onnx.softmax import softmax
from qref.ops.onnx.tanh import bound as tanh_bound
from qref.ops.onnx.tanh import tanh

Array = NDArray[np.float32]
rows = st.lists(st.floats(-60, 60, width=32), min_size=1, max_size=12)


def f(values: Any, dtype: str = "float32") -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def exp(x: Array) -> Array:
    """A good float32 exp: within half a unit in the last place and a little."""
    with np.errstate(over="ignore"):
        return np.exp(x.astype(np.float64)).astype(np.float32)


def inside(result: Array, golden: Tensor, tolerance: Any) -> bool:
    with np.errstate(invalid="ignore"):
        return bool((np.abs(result.astype(np.float64) - decode(golden)) <= tolerance).all())


@pytest.mark.requirement("QREF-FE-020", "QREF-FE-022")
@given(values=st.lists(st.floats(-120, 120, width=32), min_size=1, max_size=10))
def test_sigmoid_step_by_step_lies_within_its_bound(values: list[float]) -> None:
    x = np.array(values, np.float32)
    [bound] = sigmoid_bound(f(x), opset=13)
    one = np.float32(1)
    plain = one / (one + exp(-x))
    assert inside(plain, sigmoid(f(x)), np.maximum(bound.tolerance, dict(bound.wider)[FLUSHED]))


def mistakes_of_sigmoid(x: Array) -> dict[str, Array]:
    half = 1 / (1 + np.exp(-x.astype(np.float16)).astype(np.float32))
    table = np.floor(x * 16) / 16
    return {"exp in float16": half, "a table of 16 steps": (1 / (1 + exp(-table))).astype(np.float32)}


@pytest.mark.requirement("QREF-FE-022")
@pytest.mark.parametrize("name", ["exp in float16", "a table of 16 steps"])
def test_coarse_approximations_of_sigmoid_lie_outside(name: str) -> None:
    x = np.linspace(-6, 6, 50, dtype=np.float32)
    [bound] = sigmoid_bound(f(x), opset=13)
    assert not any(inside(mistakes_of_sigmoid(x)[name], sigmoid(f(x)), wide) for _, wide in bound.wider)


@pytest.mark.requirement("QREF-FE-021", "QREF-FE-022")
def test_tanh_that_cancels_lies_outside() -> None:
    x = np.array([1e-3, -1e-4, 1e-6, 1e-8], np.float32)
    [bound] = tanh_bound(f(x), opset=13)
    golden = tanh(f(x))
    one, two = np.float32(1), np.float32(2)
    by_sigmoid = two / (one + exp(-two * x)) - one
    assert inside(np.tanh(x.astype(np.float64)).astype(np.float32), golden, bound.tolerance)
    assert not any(inside(by_sigmoid, golden, wide) for _, wide in bound.wider)


@pytest.mark.requirement("QREF-FE-022")
def test_each_wider_tolerance() -> None:
    [single] = sigmoid_bound(f([0.0, -90.0]), opset=13)
    [half] = sigmoid_bound(f([0.0, -2.0], "float16"), opset=13)
    assert [reason for reason, _ in single.wider] == [FLUSHED, APPROXIMATED]
    assert [reason for reason, _ in half.wider] == [FLUSHED, APPROXIMATED, NARROW]
    assert dict(single.wider)[FLUSHED][1] >= decode(sigmoid(f(-90.0)))
    assert dict(single.wider)[APPROXIMATED][0] == pytest.approx(3 * 2.0**-24 + 2.0**-22)
    assert single.tolerance[0] == pytest.approx((4 + 2) * 2.0**-24 / 2)


@pytest.mark.requirement("QREF-FE-025", "QREF-FE-022")
@given(row=rows)
def test_softmax_step_by_step_lies_within_its_bound(row: list[float]) -> None:
    x = np.array(row, np.float32)
    powers = exp(x - x.max())
    total = np.float32(0)
    for power in powers:
        total += power
    [bound] = softmax_bound(f(x), opset=13)
    assert inside(powers / total, softmax(f(x)), np.maximum(bound.tolerance, dict(bound.wider)[FLUSHED]))


@pytest.mark.requirement("QREF-FE-025")
def test_large_elements_do_not_overflow() -> None:
    top = float(np.finfo(np.float32).max)
    assert softmax(f([1e4, 1e4, -1e4])).data.tolist() == [0.5, 0.5, 0.0]
    assert softmax(f([top, top, -top])).data.tolist() == [0.5, 0.5, 0.0]
    assert softmax(f([-1e4, -1e4])).data.tolist() == [0.5, 0.5]


@pytest.mark.requirement("QREF-FE-023")
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_softmax_13_sums_over_one_axis(axis: int) -> None:
    x = np.arange(24.0).reshape(2, 3, 4) % 7
    y = softmax(f(x), axis=axis).data.astype(np.float64)
    assert y.sum(axis) == pytest.approx(np.ones(np.delete(x.shape, axis)), rel=1e-6)


@pytest.mark.requirement("QREF-FE-023", "QREF-FE-024")
def test_the_default_axis_and_the_older_rows() -> None:
    x = np.arange(12.0).reshape(2, 3, 2) % 5
    y = {opset: softmax(f(x), opset=opset).data.astype(np.float64) for opset in (1, 11, 13)}
    assert y[13].sum(-1) == pytest.approx(np.ones((2, 3)), rel=1e-6)
    for opset in (1, 11):
        assert y[opset].reshape(2, 6).sum(1) == pytest.approx(np.ones(2), rel=1e-6)
    everything = softmax(f(x), axis=0, opset=11).data.astype(np.float64)
    assert everything.sum() == pytest.approx(1, rel=1e-6)
    assert softmax(f(x), axis=-1, opset=11).same(softmax(f(x), axis=2, opset=1))


@pytest.mark.requirement("QREF-FE-026")
def test_masked_rows() -> None:
    y = softmax(f([[-np.inf, 2.0, 2.0], [-np.inf] * 3, [1.0, 1.0, np.nan]])).data
    assert y[0].tolist() == [0.0, 0.5, 0.5]
    assert np.isnan(y[1:]).all()


@pytest.mark.requirement("QREF-FE-027")
def test_axes_and_types_that_the_text_rules_out() -> None:
    x = f(np.ones((2, 3)))
    for axis, opset in ((2, 13), (-3, 13), (2, 11), (2, 1)):
        with pytest.raises(InvalidInput, match="axis is"):
            softmax(x, axis=axis, opset=opset)
    with pytest.raises(InvalidInput, match="axis is"):
        softmax(f(1.0))
    with pytest.raises(InvalidInput, match="this operator and opset take"):
        softmax(tensor([[1]], "int32"))
    with pytest.raises(NotFixed, match="Softmax-1 does not say"):
        softmax(x, axis=-1, opset=1)
    with pytest.raises(Unsupported):
        softmax(tensor([1.0], "float64"))


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3), (2, 0, 3)])
def test_no_elements(shape: tuple[int, ...]) -> None:
    x = f(np.ones(shape))
    bounds: list[Callable[..., list[Bound]]] = [softmax_bound, sigmoid_bound, tanh_bound]
    assert softmax(x, axis=0).shape == sigmoid(x).shape == tanh(x).shape == shape
    assert all(bound(x, opset=13)[0].tolerance.shape == shape for bound in bounds)
