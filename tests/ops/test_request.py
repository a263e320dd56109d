"""The table of operators: what a request must name, and how it is refused."""

import pytest

from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import tensor
from qref.ops import OPERATORS, alternatives, requantization, run
from qref.ops.request import Request

X, ONE = tensor([1.0], "float32"), tensor(1.0, "float32")


def test_an_operator_that_is_not_here() -> None:
    with pytest.raises(Unsupported, match="operator Conv is not one of QuantizeLinear, "):
        run(Request("Conv", "", 10, {}, ()))
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
