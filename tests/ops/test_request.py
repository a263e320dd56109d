"""The table of operators: what a request must name, and how it is refused."""

from typing import Any

import numpy as np
import pytest

from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import tensor
from qref.ops import OPERATORS, alternatives, requantization, run
from qref.ops.request import Request

X, ONE = tensor([1.0], "float32"), tensor(1.0, "float32")


def test_an_operator_that_is_not_here() -> None:
    with pytest.raises(Unsupported, match="operator Einsum is not one of QuantizeLinear, "):
        run(Request("Einsum", "", 12, {}, ()))
    with pytest.raises(Unsupported, match="operator tosa:QuantizeLinear"):
        run(Request("QuantizeLinear", "tosa", 10, {}, (X, ONE)))


@pytest.mark.parametrize("opset", [1, 9, 11, 22, 26])
def test_an_opset_that_is_not_here(opset: int) -> None:
    with pytest.raises(Unsupported, match=f"QuantizeLinear-{opset}: opsets here are 10, 13, 19"):
        run(Request("QuantizeLinear", "", opset, {}, (X, ONE)))


def test_a_trailing_input_may_be_absent_or_none() -> None:
    [y] = run(Request("QuantizeLinear", "", 13, {}, (X, ONE, None)))
    assert y.same(run(Request("QuantizeLinear", "", 13, {}, (X, ONE)))[0])
    with pytest.raises(InvalidInput, match="none of the first 2 absent"):
        run(Request("QuantizeLinear", "", 13, {}, (X, None)))


def test_a_truth_value_is_no_int() -> None:
    with pytest.raises(InvalidInput, match="attribute axis is True: give int"):
        run(Request("QuantizeLinear", "", 13, {"axis": True}, (X, ONE)))


def test_a_profile_is_ignored_where_nothing_is_requantized() -> None:
    request = Request("QuantizeLinear", "", 13, {}, (X, ONE), profile="ncnn")
    assert run(request)[0].data.tolist() == [1]
    assert requantization(request) is None


def test_operators_without_alternatives_have_none() -> None:
    assert alternatives(Request("DynamicQuantizeLinear", "", 11, {}, (X,))) == []


def test_every_default_is_what_the_function_does() -> None:
    """Giving an attribute its default changes nothing."""
    x = tensor([[1.5, -2.5]], "float32")
    for opset in OPERATORS["", "QuantizeLinear"].opsets:
        table = OPERATORS["", "QuantizeLinear"].attributes
        defaults = {name: a.default for name, a in table.items() if a.since <= opset}
        plain, spelled = (run(Request("QuantizeLinear", "", opset, d, (x, ONE)))[0] for d in ({}, defaults))
        assert plain.same(spelled)


FLOATS = tensor([[[1.0, 2.0, 3.0]]], "float32")


@pytest.mark.parametrize(
    ("op", "opset", "attributes", "inputs"),
    [
        ("Conv", 22, {"pads": [10**9, 10**9]}, (FLOATS, FLOATS)),
        ("Conv", 22, {"pads": [2**62, 0]}, (tensor(FLOATS.data[:0], "float32"), FLOATS)),
        ("ConvTranspose", 22, {"strides": [10**9]}, (FLOATS, FLOATS)),
        ("ConvTranspose", 22, {"dilations": [2**62]}, (FLOATS, FLOATS)),
        ("Conv", 22, {"dilations": [2**62], "auto_pad": "SAME_UPPER"}, (FLOATS, FLOATS)),
        ("MaxPool", 22, {"kernel_shape": [2**31], "auto_pad": "SAME_UPPER"}, (FLOATS,)),
        ("MaxPool", 22, {"kernel_shape": [2], "dilations": [2**62], "auto_pad": "SAME_UPPER"}, (FLOATS,)),
        ("AveragePool", 19, {"kernel_shape": [2], "pads": [10**9, 10**9]}, (FLOATS,)),
        ("Pad", 25, {"mode": "edge"}, (FLOATS, tensor([0, 0, 10**12, 0, 0, 0], "int64"))),
        ("Reshape", 25, {"allowzero": 1}, (tensor([], "float32"), tensor([0, 2**62], "int64"))),
        ("Resize", 19, {}, (FLOATS, None, None, tensor([1, 1, 10**12], "int64"))),
        ("Add", 14, {}, (tensor(np.zeros((1 << 14, 1)), "float32"), tensor(np.zeros(1 << 14), "float32"))),
    ],
)
def test_a_result_that_no_memory_holds(
    op: str, opset: int, attributes: dict[str, Any], inputs: tuple[Any, ...]
) -> None:
    with pytest.raises(Unsupported, match="at most 134217728 elements are computed here"):
        run(Request(op, "", opset, attributes, inputs))


@pytest.mark.parametrize("value", [1e39, -1e39, float("inf"), float("nan"), 10**400])
def test_a_number_that_no_float_attribute_holds(value: float) -> None:
    with pytest.raises(InvalidInput, match=r"attribute alpha is .*: give float"):
        run(Request("LeakyRelu", "", 16, {"alpha": value}, (FLOATS,)))


def test_a_number_that_no_int_attribute_holds() -> None:
    with pytest.raises(InvalidInput, match=r"attribute strides is .*: give ints"):
        run(Request("Conv", "", 22, {"strides": [2**63]}, (FLOATS, FLOATS)))


def test_an_absent_input_among_many() -> None:
    with pytest.raises(InvalidInput, match="an input is absent"):
        run(Request("Concat", "", 13, {"axis": 0}, (FLOATS, None, FLOATS)))


def test_pads_are_an_attribute_or_an_input() -> None:
    pads = tensor([0, 0, 1, 0, 0, 0], "int64")
    with pytest.raises(InvalidInput, match="Pad-2 takes one input"):
        run(Request("Pad", "", 2, {"pads": [0, 0, 1, 0, 0, 0]}, (FLOATS, pads)))
    with pytest.raises(InvalidInput, match="no attribute 'pads'"):
        run(Request("Pad", "", 11, {"pads": [0, 0, 1, 0, 0, 0]}, (FLOATS, pads)))
