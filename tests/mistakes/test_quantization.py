"""Mistakes in QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear: where they show, and where not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from qref.errors import Unsupported
from qref.mistakes import MISTAKES
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops import run
from qref.ops.request import Request

FLOAT32 = 1  # as attributes name it


@dataclass(frozen=True, eq=False)
class Shows:
    """A request that a mistake answers wrongly: the golden values and the mistake's, a list an output."""

    mistake: str
    request: Request
    right: Any
    wrong: Any


def floats(values: Any, dtype: str) -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def quantize(
    x: Any,
    scale: float = 1.0,
    zero: int = 0,
    dtype: str = "int8",
    T: str = "float32",
    opset: int = 25,
    **attributes: int,
) -> Request:
    inputs = (floats(x, T), floats(scale, T), tensor(zero, dtype))
    return Request("QuantizeLinear", "", opset, attributes, inputs)


def dequantize(
    x: Any, scale: float = 1.0, zero: int = 0, dtype: str = "int8", T: str = "float32", **attributes: int
) -> Request:
    inputs = (tensor(x, dtype), floats(scale, T), tensor(zero, dtype))
    return Request("DequantizeLinear", "", 25, attributes, inputs)


def dynamic(*x: float) -> Request:
    return Request("DynamicQuantizeLinear", "", 11, {}, (tensor(x, "float32"),), 3)


def values(outputs: list[Tensor]) -> Any:
    """The outputs' values, those of a single output alone."""
    found = [decode(output).tolist() for output in outputs]
    return found[0] if len(found) == 1 else found


F32 = np.float32
TIES = quantize([2.5, 3.5, -2.5, -3.5])
EXAMPLE = dynamic(0, 2, -3, -2.5, 1.34, 0.5)  # the onnx package's own
FIVE = F32(5) / F32(255)
FIRST = F32(253.5) / F32(255)
NEXT = np.nextafter(FIRST, F32(1))
SMALL = Request(
    "DequantizeLinear",
    "",
    25,
    {},
    (floats([0.25, 1], "float8e5m2"), floats(2.0**-14, "float16"), floats(0, "float8e5m2")),
)

QUANTIZE = [
    Shows("quantize-half-away", TIES, [2, 4, -2, -4], [3, 4, -3, -4]),
    Shows("quantize-half-up", TIES, [2, 4, -2, -4], [3, 4, -2, -3]),
    Shows("quantize-truncates", quantize([0.99, -0.99, 2.0]), [1, -1, 2], [0, 0, 2]),
    Shows("quantize-zero-point-before-rounding", quantize([0.5, 1.5], zero=1), [1, 3], [2, 2]),
    Shows("quantize-multiplies-by-reciprocal", quantize([1.55], 0.1), [15], [16]),
    Shows("quantize-wraps-instead-of-saturating", quantize([300, 3], dtype="uint8"), [255, 3], [44, 3]),
    Shows("quantize-wraps-instead-of-saturating", quantize([np.inf, -np.inf]), [127, -128], [0, 0]),
    Shows("quantize-saturates-before-zero-point", quantize([-50], zero=128, dtype="uint8"), [78], [128]),
    Shows("quantize-symmetric-range", quantize([-200, -128, 200]), [-128, -128, 127], [-127, -127, 127]),
    Shows("quantize-clamps-unsigned-as-signed", quantize([200, -5], dtype="uint8"), [200, 0], [127, 251]),
    Shows("quantize-reflects-negatives", quantize([-10, 10], dtype="uint8"), [0, 10], [10, 10]),
    Shows("quantize-overflow-becomes-lowest", quantize([np.inf, 3e9, -np.inf]), [127, 127, -128], [-128, -128, -128]),
    Shows("quantize-ignores-zero-point", quantize([5], zero=100), [105], [5]),
    Shows("quantize-divides-in-float32", quantize([2000], 0.3, dtype="int16", T="float16"), [6664], [6666]),
    Shows("quantize-divides-in-float64", quantize([0.35], 0.1), [4], [3]),
    Shows(
        "quantize-ignores-precision",
        quantize([2000], 0.3, dtype="int16", T="float16", precision=FLOAT32),
        [6666],
        [6664],
    ),
    Shows("quantize-truncates-to-bfloat16", quantize([5], 0.3, T="bfloat16"), [17], [16]),
    Shows("quantize-flushes-subnormals", quantize([1.5 * 2.0**-127, 1.0], 2.0**-126), [1, 127], [0, 127]),
]

DEQUANTIZE = [
    Shows("dequantize-subtracts-in-eight-bits", dequantize([5, 12], zero=10, dtype="uint8"), [-5, 2], [251, 2]),
    Shows("dequantize-subtracts-in-eight-bits", dequantize([5, 12], zero=10, dtype="uint4"), [-5, 2], [11, 2]),
    Shows("dequantize-scales-before-subtracting", dequantize([4], 0.1, zero=3), [F32(0.1)], [F32(0.4) - F32(0.3)]),
    Shows("dequantize-ignores-zero-point", dequantize([100], 0.5, zero=98), [1], [50]),
    Shows("dequantize-converts-before-subtracting", dequantize([2049], 1.0, 2048, "uint16", "float16"), [1], [0]),
    Shows(
        "dequantize-multiplies-in-scale-type",
        dequantize([3], 0.1, T="float16", output_dtype=FLOAT32),
        [0.2999267578125],
        [0.2998046875],
    ),
    Shows("dequantize-truncates-to-bfloat16", dequantize([3], 0.1, T="bfloat16"), [0.30078125], [0.298828125]),
    Shows("dequantize-flushes-subnormals", SMALL, [2.0**-16, 2.0**-14], [0, 2.0**-14]),
]

DYNAMIC = [
    Shows("dynamic-range-without-zero", dynamic(1, 2), [[127, 255], F32(2 / 255), 0], [[255, 255], F32(1 / 255), 0]),
    Shows("dynamic-divides-by-256", dynamic(-253, 0.5), [[0, 255], FIRST, 254], [[0, 255], 0.990234375, 255]),
    Shows(
        "dynamic-zero-point-truncated",
        dynamic(-253, 1),
        [[0, 255], F32(254 / 255), 254],
        [[0, 254], F32(254 / 255), 253],
    ),
    Shows("dynamic-zero-point-half-away", dynamic(-253, 257), [[0, 254], 2, 126], [[1, 255], 2, 127]),
    Shows("dynamic-half-away", dynamic(-127, 128, 0.5), [[0, 255, 127], 1, 127], [[0, 255, 128], 1, 127]),
    Shows(
        "dynamic-multiplies-by-reciprocal",
        EXAMPLE,
        [[153, 255, 0, 26, 221, 179], FIVE, 153],
        [[153, 255, 0, 25, 221, 179], FIVE, 153],
    ),
    Shows("dynamic-zero-point-from-max", dynamic(-2.5, 2.5), [[0, 254], FIVE, 127], [[1, 255], FIVE, 128]),
    Shows(
        "dynamic-zero-point-not-rounded",
        dynamic(-253, 0.5, 0.25),
        [[0, 255, 254], FIRST, 254],
        [[0, 255, 255], FIRST, 254],
    ),
    Shows("dynamic-scale-from-two-quotients", dynamic(-253, 0.5), [[0, 255], FIRST, 254], [[0, 255], NEXT, 254]),
    Shows("dynamic-multiplies-by-one-255th", dynamic(-253, 0.5), [[0, 255], FIRST, 254], [[0, 255], NEXT, 254]),
    Shows("dynamic-in-float64", dynamic(-2.5, 2.5), [[0, 254], FIVE, 127], [[0, 255], FIVE, 128]),
    Shows("dynamic-symmetric-range", dynamic(0, 1), [[0, 255], F32(1 / 255), 0], [[128, 255], F32(1 / 127), 128]),
]

SHOWN = [*QUANTIZE, *DEQUANTIZE, *DYNAMIC]

# requests that a mistake answers rightly, by the beginning of its name, the longest that fits
SPARED = {
    "quantize": quantize([2.25, -3.75, 100]),
    "quantize-truncates": quantize([2, -3, 100]),
    "quantize-reflects": quantize([2.25, 300], dtype="uint8"),
    "quantize-clamps": quantize([2.25, -0.25], dtype="uint8"),
    "quantize-ignores-precision": quantize([2.25, 100], T="float16", precision=FLOAT32),
    "quantize-truncates-to-bfloat16": quantize([2.25, 100], T="bfloat16"),
    "dequantize": dequantize([5, -7, 127], 0.5),
    "dequantize-multiplies": dequantize([5, -7, 127], 0.5, T="float16", output_dtype=FLOAT32),
    "dequantize-truncates": dequantize([5, -7, 127], 0.5, T="bfloat16"),
    "dynamic": dynamic(-100, 155, 7, -3),
}
WRONG_EVERYWHERE = ("dynamic-divides-by-256", "dynamic-symmetric-range")


def spared(name: str) -> Request:
    return SPARED[max((beginning for beginning in SPARED if name.startswith(beginning)), key=len)]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.mistake)
def test_wrong_where_the_bug_shows(shown: Shows) -> None:
    assert values(run(shown.request)) == shown.right
    assert values(MISTAKES[shown.mistake].run(shown.request)) == shown.wrong


@pytest.mark.parametrize("name", dict.fromkeys(s.mistake for s in SHOWN if s.mistake not in WRONG_EVERYWHERE))
def test_right_elsewhere(name: str) -> None:
    request = spared(name)
    for answer, right in zip(MISTAKES[name].run(request), run(request), strict=True):
        assert answer.same(right)


@pytest.mark.parametrize("name", dict.fromkeys(shown.mistake for shown in SHOWN))
def test_refuses_other_operators(name: str) -> None:
    matrices = (tensor([[1]], "uint8"), tensor([[1]], "uint8"))
    with pytest.raises(Unsupported):
        MISTAKES[name].run(Request("MatMulInteger", "", 10, {}, matrices))


@pytest.mark.parametrize("name", dict.fromkeys(shown.mistake for shown in [*QUANTIZE, *DEQUANTIZE]))
@pytest.mark.parametrize("form", ["per axis", "blocked", "empty", "no zero point"])
def test_every_granularity(name: str, form: str) -> None:
    """Whatever the shapes of scale and zero point, an answer of the right form, or Unsupported."""
    op = MISTAKES[name].operators[0]
    x = np.array([[3, 100, -8], [5, 7, 9]])
    scale, attributes = {
        "per axis": (np.array([0.5, 2.0]), {"axis": 0}),
        "blocked": (np.array([[0.5, 2.0], [1.0, 0.25]]), {"block_size": 2}),
        "empty": (np.array(0.5), {}),
        "no zero point": (np.array(0.5), {}),
    }[form]
    x = x[:0] if form == "empty" else x
    first = floats(x, "float32") if op == "QuantizeLinear" else tensor(np.abs(x), "uint8")
    zero = () if form == "no zero point" else (tensor(np.full(scale.shape, 3), "uint8"),)
    request = Request(op, "", 25, attributes, (first, floats(scale, "float32"), *zero))
    try:
        (answer,) = MISTAKES[name].run(request)
    except Unsupported:
        return
    (right,) = run(request)
    assert (answer.dtype, answer.shape) == (right.dtype, right.shape)


@pytest.mark.parametrize("name", dict.fromkeys(shown.mistake for shown in DYNAMIC))
def test_as_many_outputs_as_are_asked_for(name: str) -> None:
    (x,) = EXAMPLE.inputs
    answer = MISTAKES[name].run(Request("DynamicQuantizeLinear", "", 11, {}, (x,), 1))
    assert [output.dtype for output in answer] == ["uint8"]


@pytest.mark.parametrize("dtype", ["float8e4m3fn", "float8e5m2", "float4e2m1"])
def test_float8_outputs(dtype: str) -> None:
    """Mistakes in the division reach float8 outputs; those with integers refuse them."""
    inputs = (floats([2000, 3], "float16"), floats(0.3, "float16"), encode(np.zeros(()), dtype))
    request = Request("QuantizeLinear", "", 25, {}, inputs)
    assert MISTAKES["quantize-divides-in-float32"].run(request)[0].dtype == dtype
    with pytest.raises(Unsupported):
        MISTAKES["quantize-half-away"].run(request)
