"""Suite `open-behaviour`: what no text fixes, shown by engine and never judged."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case, Suite
from qref.vectors.generators import (
    activations,
    batch_normalization,
    binary_elementwise,
    data_movement,
    float_convolution,
    float_functions,
    float_products,
    pooling,
    resize,
)
from qref.vectors.generators.builder import ask, assemble, left_open
from qref.vectors.generators.quantize_linear import NUMBER, floats

SUITE = "open-behaviour"


def suite() -> Suite:
    """The suite `open-behaviour`."""
    return assemble(
        SUITE,
        (
            *not_a_number(),
            *scales(),
            *types(),
            *dynamic_ranges(),
            *convolutions(),
            *products(),
            *requantized(),
            *float_convolution.open_cases(),
            *float_products.open_cases(),
            *pooling.open_cases(),
            *batch_normalization.open_cases(),
            *binary_elementwise.open_cases(),
            *activations.open_cases(),
            *float_functions.open_cases(),
            *resize.open_cases(),
            *data_movement.open_cases(),
        ),
    )


def make(
    op: str,
    slug: str,
    opset: int,
    inputs: tuple[Tensor | None, ...],
    flags: tuple[str, ...],
    comment: str,
    attributes: dict[str, Any] | None = None,
) -> Case:
    """An open case."""
    return left_open(SUITE, slug, ask(op, opset, inputs, attributes), flags, comment)


def not_a_number() -> Iterator[Case]:
    """NaN into integers."""
    x = floats([np.nan, 1.0, -1.0], "float32")
    for y_dtype in ("int8", "uint8"):
        inputs = (x, tensor(1.0, "float32"), tensor(3, y_dtype))
        yield make("QuantizeLinear", "nan", 10, inputs, (), "NaN has no integer")
    for y_dtype in ("int16", "uint4"):
        inputs = (x, tensor(1.0, "float32"), tensor(3, y_dtype))
        yield make("QuantizeLinear", "nan", 21, inputs, (), "NaN has no integer")


def scales() -> Iterator[Case]:
    """Scales that are zero, negative, subnormal, infinite or NaN."""
    x = floats([1.0, -1.0, 0.0, 0.5], "float32")
    q = tensor([1, -1, 0, 100], "int8")
    for scale in (0.0, -0.5, 2.0**-140, np.inf, np.nan):
        s = tensor(scale, "float32")
        yield make("QuantizeLinear", "scale", 10, (x, s, tensor(3, "int8")), (), f"y_scale {scale}")
        yield make("DequantizeLinear", "scale", 10, (q, s, tensor(3, "int8")), (), f"x_scale {scale}")
    bias = (tensor([1, 2], "int32"), tensor(1.0, "float32"), tensor(1, "int32"))
    yield make(
        "DequantizeLinear", "int32-zero-point", 10, bias, ("int32-input",), "int32 has no zero point, and this is 1"
    )
    one = floats([1.0, 0.5], "float32")
    yield make(
        "QuantizeLinear",
        "rank-1",
        13,
        (one, tensor([0.5, 0.25], "float32")),
        (),
        "rank 1, a 1-D scale, the default axis",
    )


def types() -> Iterator[Case]:
    """Divisions in types that no text gives a rounding for, and float8 numbers between the largest and overflow."""
    x = tensor([7, -7, 100], "int32")
    yield make(
        "QuantizeLinear",
        "int32-scale",
        23,
        (x, tensor(2, "int32"), tensor(0, "int8")),
        ("int32-input",),
        "an int32 y_scale",
    )
    f = floats([1.0, 3.0, -5.0], "float32")
    e8m0 = tensor(128, "float8e8m0")
    yield make(
        "QuantizeLinear", "e8m0-scale", 24, (f, e8m0, tensor(0, "int8")), (), "a float8e8m0 y_scale without precision"
    )
    q = tensor([1, -1], "int8")
    yield make("DequantizeLinear", "e8m0-scale", 24, (q, e8m0), (), "a float8e8m0 x_scale without output_dtype")
    four = (floats([np.nan, 1.0], "float32"), tensor(1.0, "float32"))
    yield make(
        "QuantizeLinear",
        "float4-nan",
        23,
        four,
        ("float4",),
        "NaN into float4e2m1",
        {"output_dtype": NUMBER["float4e2m1"]},
    )


def dynamic_ranges() -> Iterator[Case]:
    """Ranges that give no scale."""
    rows: list[tuple[str, Any]] = [
        ("all zero", [0.0, 0.0, 0.0]),
        ("empty", np.zeros((0,))),
        ("a NaN", [1.0, np.nan, -1.0]),
        ("an infinity", [1.0, np.inf, -1.0]),
        ("a range beyond float32", [3e38, -3e38]),
        ("a subnormal scale", [2.0**-130, -(2.0**-131)]),
        ("a scale of zero", [2.0**-149]),
    ]
    for comment, values in rows:
        yield make("DynamicQuantizeLinear", "range", 11, (tensor(values, "float32"),), ("dynamic-range",), comment)


def convolutions() -> Iterator[Case]:
    """A kernel that fits nowhere."""
    x, w = tensor(np.ones((1, 1, 2, 2)), "uint8"), tensor(np.ones((1, 1, 3, 3)), "int8")
    yield make(
        "ConvInteger", "no-window", 10, (x, w), ("zero-size",), "a 3×3 kernel on a 2×2 image: no window, or an error"
    )
    larger = tensor(np.ones((1, 1, 5, 5)), "int8")
    yield make(
        "ConvInteger", "no-window", 10, (x, larger), ("zero-size",), "a 5×5 kernel on a 2×2 image: a negative length"
    )


def products() -> Iterator[Case]:
    """float8 operands, for which no text says how their products are summed."""
    for dtype in ("float8e4m3fn", "float8e5m2"):
        operand, one, zero = tensor([[0x38, 0x40], [0xB8, 0x30]], dtype), tensor(1.0, "float32"), tensor(0, dtype)
        inputs = (operand, one, zero, operand, one, zero, one, zero)
        yield make("QLinearMatMul", "float8", 21, inputs, ("float8",), f"{dtype} operands and output")


def requantized() -> Iterator[Case]:
    """Scales that are subnormal in requantization."""
    for scale in (2.0**-140, 2.0**-149):
        inputs = (
            tensor([5, -5, 100], "int32"),
            tensor(1.0, "float32"),
            tensor(1.0, "float32"),
            tensor(scale, "float32"),
            tensor(0, "int8"),
        )
        yield left_open(SUITE, "scale", ask("Requantize", 1, inputs, domain="qref"), (), f"y_scale {scale}")
