"""Exact numbers in words, and the steps behind an element."""

from fractions import Fraction

import numpy as np
import pytest

from qref import ops
from qref.judge import arithmetic
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request
from qref.vectors.case import Case, Expect


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(5, 2), "2.5"),
        (Fraction(-5, 2), "-2.5"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(3), "3"),
        (Fraction(1, 10), "0.1"),
        (Fraction(1, 3), "1/3 ≈ 0.3333333333333333"),
        (Fraction(1, 2**30), "1/1073741824 ≈ 9.313225746154785e-10"),
        (Fraction(10**30, 3), "≈ 3.333333333333333e+29"),
    ],
)
def test_exact(number: Fraction, text: str) -> None:
    assert arithmetic.exact(number) == text


TINY = Fraction(1, 10**6)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(5, 2), "a tie"),
        (Fraction(-5, 2), "a tie"),
        (Fraction(3), "an integer"),
        (Fraction(5, 2) + TINY, "above a tie by 1e-06"),
        (Fraction(-5, 2) + TINY, "above a tie by 1e-06"),
        (Fraction(5, 2) - TINY, "below a tie by 1e-06"),
        (Fraction(1, 4), ""),
    ],
)
def test_nearness(number: Fraction, text: str) -> None:
    assert arithmetic.nearness(number) == text


def case(request: Request) -> Case:
    return Case("x/y/00000000", "s", request, tuple(ops.run(request)), Expect("exact"), (), (), "")


def f32(value: object) -> Tensor:
    return tensor(np.float32(value), "float32")


def lines(one: Case, index: tuple[int, ...], output: int = 0) -> dict[str, tuple[str, str]]:
    return {step.name: (step.value, step.remark) for step in arithmetic.steps(one, output, index)}


def test_convolution_with_a_bias() -> None:
    x, w = tensor(np.full((1, 2, 3, 3), 2), "int8"), tensor(np.full((2, 2, 3, 3), -1), "int8")
    zero, two = tensor(0, "int8"), tensor([0, 0], "int8")
    scales = f32(0.25), f32([0.125, 0.5]), f32(0.0625)
    bias = tensor([9, 41], "int32")
    one = case(
        Request("QLinearConv", "", 10, {}, (x, scales[0], zero, w, scales[1], two, scales[2], tensor(3, "int8"), bias))
    )
    found = lines(one, (0, 1, 0, 0))
    assert found["accumulator"] == ("5", "18 products −36, bias +41")
    assert found["scale"][0] == "0.25·0.5/0.0625 = 2" and found["scale"][1].startswith("multiplier 1073741824, shift 2")
    assert found["acc·scale"] == ("10", "an integer")
    assert found["+ zero point 3"] == ("13", "")
    assert lines(one, (0, 0, 0, 0))["acc·scale"] == ("-13.5", "a tie")


def test_clamping_is_said() -> None:
    request = Request("Requantize", "qref", 1, {}, (tensor([300], "int32"), f32(1), f32(1), f32(1), tensor(0, "int8")))
    assert lines(case(request), (0,))["+ zero point 0"] == ("127", "clamped to int8")


def test_quantize_linear_by_channel_and_block() -> None:
    x = f32([[1.0, 2.0, 3.0, 4.0]] * 2)
    by_axis = Request("QuantizeLinear", "", 13, {"axis": -2}, (x, f32([0.5, 0.3]), tensor([0, 7], "int8")))
    found = lines(case(by_axis), (1, 0))
    assert found["scale"][0].startswith("0.3") and found["zero point"][0] == "7"
    assert "in float32" in found
    blocked = Request(
        "QuantizeLinear",
        "",
        21,
        {"axis": 1, "block_size": 2},
        (x, f32([[1, 2], [4, 8]]), tensor([[0, 1], [2, 3]], "int8")),
    )
    found = lines(case(blocked), (1, 3))
    assert found["scale"] == ("8.0", "") and found["zero point"][0] == "3" and found["x / scale"] == ("0.5", "a tie")


def test_dequantize_linear() -> None:
    request = Request("DequantizeLinear", "", 13, {}, (tensor([100], "int8"), f32(0.1), tensor(-3, "int8")))
    found = lines(case(request), (0,))
    assert found["x − zero point"] == ("103", "") and "float32" in found["product"][1]


def test_operators_without_steps() -> None:
    request = Request("DynamicQuantizeLinear", "", 11, {}, (f32([1, 2]),), outputs=3)
    assert arithmetic.steps(case(request), 0, (0,)) == []
    product = Request("MatMulInteger", "", 10, {}, (tensor([[1, 2]], "int8"), tensor([[3], [4]], "int8")))
    assert lines(case(product), (0, 0)) == {"accumulator": ("11", "2 products")}


def test_rules() -> None:
    found = {rule.profile: rule for rule in arithmetic.rules(5, 0.5, 1.0, 1.0, 0, "int8")}
    assert (found["onnx"].y, found["tflite-double"].y, found["ncnn"].y) == (2, 3, 3)
    assert found["tflite-double"].derived == "multiplier 1073741824, shift 0"
    assert "zero point" in {r.profile: r for r in arithmetic.rules(5, 0.5, 1.0, 1.0, 1, "int8")}["ncnn"].outside
