"""qref:Requantize: one accumulator tensor, per tensor and per channel, under every profile."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from qref.errors import InvalidInput, OutsideDomain, Unsupported
from qref.numerics.tensor import Tensor, tensor
from qref.ops import requantization, run
from qref.ops.request import Request


def requantize(*inputs: Tensor | None, profile: str | None = None, **attributes: Any) -> Tensor:
    return run(Request("Requantize", "qref", 1, attributes, inputs, profile=profile))[0]


ACC = tensor([[-5, -3, -1], [1, 3, 5]], "int32")
ONE, HALF = tensor(1.0, "float32"), tensor(0.5, "float32")


@pytest.mark.requirement("QREF-RQ-004", "QREF-RQ-007")
@pytest.mark.parametrize(
    ("profile", "halves"),
    [
        (None, [-2, -2, 0, 0, 2, 2]),
        ("onnx", [-2, -2, 0, 0, 2, 2]),
        ("tflite-double", [-2, -1, 0, 1, 2, 3]),
        ("tflite-single", [-2, -1, 0, 1, 2, 3]),
        ("xnnpack-fp32", [-2, -2, 0, 0, 2, 2]),
        ("ncnn", [-3, -2, -1, 1, 2, 3]),
    ],
)
def test_halves_under_every_profile(profile: str | None, halves: list[int]) -> None:
    y = requantize(ACC, HALF, ONE, ONE, tensor(0, "int8"), profile=profile)
    assert (y.dtype, y.shape, y.data.ravel().tolist()) == ("int8", (2, 3), halves)


@pytest.mark.requirement("QREF-RQ-003", "QREF-RD-006")
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16"])
def test_every_output_type_saturates_at_its_ends(dtype: str) -> None:
    lowest, highest = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "uint16": (0, 65535)}[dtype]
    acc = tensor([-(2**31), 2**31 - 1, 0, 4], "int32")
    for zero in (lowest, highest):
        y = requantize(acc, HALF, HALF, ONE, tensor(zero, dtype))
        assert y.data.tolist() == [lowest, highest, zero, min(zero + 1, highest)]


@pytest.mark.requirement("QREF-RQ-001", "QREF-RQ-005", "QREF-RQ-007")
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_one_scale_a_channel_along_any_axis(axis: int) -> None:
    acc = np.arange(-12, 12).reshape(2, 3, 4)
    weights = [0.5, 0.25, 0.3, 1.0][: acc.shape[axis]]
    y = requantize(
        tensor(acc, "int32"), HALF, tensor(weights, "float32"), tensor(0.7, "float32"), tensor(3, "uint8"), axis=axis
    )
    for i in np.ndindex(2, 3, 4):
        real = Fraction(int(acc[i])) * Fraction(0.5) * Fraction(float(np.float32(weights[i[axis]])))
        assert y.data[i] == max(0, min(255, round(real / Fraction(float(np.float32(0.7)))) + 3))


def test_the_default_axis_is_one() -> None:
    weights = tensor([1.0, 2.0, 3.0], "float32")
    y = requantize(ACC, ONE, weights, ONE, tensor(0, "int8"))
    assert y.data.tolist() == [[-5, -6, -3], [1, 6, 15]]


def test_scalars_and_nothing() -> None:
    assert requantize(tensor(7, "int32"), HALF, ONE, ONE, tensor(1, "int8")).data.item() == 5
    empty = tensor(np.zeros((0, 3)), "int32")
    assert requantize(empty, HALF, ONE, ONE, tensor(1, "int8")).shape == (0, 3)
    assert requantize(empty, HALF, tensor([1.0] * 3, "float32"), ONE, tensor(1, "int8")).shape == (0, 3)


def test_the_accumulator_is_told() -> None:
    found = requantization(Request("Requantize", "qref", 1, {}, (ACC, HALF, ONE, ONE, tensor(3, "uint8"))))
    assert found is not None
    assert found.accumulator.tolist() == ACC.data.tolist()
    assert (found.zero_point, found.dtype, found.y_scale) == (3, "uint8", 1.0)


@pytest.mark.parametrize(
    ("wrong", "axis", "words"),
    [
        ({"acc": tensor([1], "int8")}, 0, "accumulator is int8"),
        ({"acc": tensor([1], "int64")}, 0, "accumulator is int64"),
        ({"sx": tensor(1.0, "float16")}, 1, "x_scale is float16"),
        ({"sw": tensor(1.0, "float64")}, 1, "w_scale is float64"),
        ({"sy": tensor([1.0], "float32")}, 1, r"y_scale has shape \[1\]"),
        ({"sx": tensor([1.0], "float32")}, 1, r"x_scale has shape \[1\]"),
        ({"zero": tensor([0], "int8")}, 1, r"y_zero_point has shape \[1\]"),
        ({"zero": tensor(0, "int4")}, 1, "y_zero_point is int4"),
        ({"sw": tensor([1.0, 1.0], "float32")}, 1, r"w_scale has shape \[2\]: give a scalar or \[3\]"),
        ({"sw": tensor(np.ones((1, 3)), "float32")}, 1, r"w_scale has shape \[1, 3\]"),
        ({"sw": tensor([1.0] * 3, "float32")}, 2, "axis is 2: rank 2 takes -2 to 1"),
        ({"sw": tensor([1.0] * 3, "float32")}, -3, "axis is -3"),
        ({"sy": None}, 1, "takes 5 to 5 inputs"),
    ],
)
def test_it_refuses(wrong: dict[str, Tensor | None], axis: int, words: str) -> None:
    good = {"acc": ACC, "sx": ONE, "sw": ONE, "sy": ONE, "zero": tensor(0, "int8")}
    with pytest.raises(InvalidInput, match=words):
        requantize(*{**good, **wrong}.values(), axis=axis)


def test_outside_a_profile_and_unknown_profiles() -> None:
    with pytest.raises(OutsideDomain, match="zero point 3"):
        requantize(ACC, HALF, ONE, ONE, tensor(3, "int8"), profile="ncnn")
    with pytest.raises(OutsideDomain, match=r"scale 0\.0"):
        requantize(ACC, tensor(0.0, "float32"), ONE, ONE, tensor(3, "int8"))
    with pytest.raises(Unsupported, match="profile 'tosa' is not one of onnx, tflite-double"):
        requantize(ACC, HALF, ONE, ONE, tensor(3, "int8"), profile="tosa")
