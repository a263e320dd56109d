"""Cases of DequantizeLinear for the suite `onnx-quantized`."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from qref.numerics.floats import float_format
from qref.numerics.formats import Integer, format_of
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.quantize_linear import (
    BITS,
    BLOCKS,
    FLOAT8,
    NUMBER,
    ZERO_POINTS,
    block_flags,
    blocks_of,
    floats,
)

SUITE = "onnx-quantized"
OP = "DequantizeLinear"
AXES = (
    ((2, 3, 4), 1),
    ((3, 5), 0),
    ((2, 4, 3), 2),
    ((2, 3, 4), -1),
    ((2, 3, 4), -3),
    ((7,), 0),
    ((3, 3), 0),
    ((3, 3), 1),
    ((3, 3), -1),
    ((2, 3, 3), -1),
    ((3, 3, 2), -2),
)
SCALES = (0.1, 0.0123, 1.7, 0.5)


def cases() -> Iterator[Case]:
    """All cases of DequantizeLinear."""
    yield from every_value()
    yield from wide_integers()
    yield from int32()
    yield from output_types()
    yield from per_axis()
    yield from blocked()
    yield from small_floats()
    yield from powers_of_two()
    yield from float16_ends()
    yield from subnormal()
    yield from long_rows()
    yield from shapes()
    yield from errors()


def make(
    slug: str,
    opset: int,
    inputs: Sequence[Tensor | None],
    requirements: Sequence[str],
    flags: Sequence[str],
    comment: str,
    attributes: dict[str, Any] | None = None,
) -> Case:
    """A case with the flags that its types and zero point bring."""
    carried = dict.fromkeys((*flags, *_type_flags(inputs)))
    basis = "QREF-QD-013" if opset >= 23 else "QREF-QD-014"
    request = ask(OP, opset, inputs, attributes)
    return judged(SUITE, slug, request, (basis, *requirements), tuple(carried), comment)


def _type_flags(inputs: Sequence[Tensor | None]) -> list[str]:
    x, scale = inputs[0], inputs[1]
    assert x is not None and scale is not None
    found = [scale.dtype] if scale.dtype in ("float16", "bfloat16") else []
    if isinstance(x.format, Integer) and x.format.bits in BITS:
        found.append(BITS[x.format.bits])
    zero_point = inputs[2] if len(inputs) > 2 else None
    if zero_point is not None and zero_point.data.any():
        found.append("zero-point")
        format = zero_point.format
        if isinstance(format, Integer) and np.isin(zero_point.data, (format.lowest, format.highest)).any():
            found.append("zero-point-ends")
    return found


def opsets(x_dtype: str, scale_dtype: str) -> tuple[int, ...]:
    """The opsets in which the combination is new, or judged on another basis."""
    bits = format_of(x_dtype).bits
    if bits == 2:
        return (25,)
    if bits in (4, 16):
        return (21, 23)
    return (10, 23) if scale_dtype == "float32" else (19, 23)


def every_value() -> Iterator[Case]:
    """Every code of the narrow formats, under zero points at both ends and between."""
    for x_dtype in ("int8", "uint8", "int4", "uint4", "int2", "uint2"):
        format = format_of(x_dtype)
        assert isinstance(format, Integer)
        step = 5 if format.bits == 8 else 1
        values = sorted({*range(format.lowest, format.highest + 1, step), format.highest})
        for zero_point in (None, *ZERO_POINTS[x_dtype]):
            for scale_dtype in ("float32", "float16", "bfloat16"):
                scales = SCALES[:2] if scale_dtype == "float32" else SCALES[:1]
                for scale in scales:
                    inputs = [tensor(values, x_dtype), floats(scale, scale_dtype)]
                    inputs += [] if zero_point is None else [tensor(zero_point, x_dtype)]
                    flags = ("default-zero-point",) if zero_point is None else ()
                    comment = f"codes of {x_dtype} over their range, zero point {zero_point}"
                    for opset in opsets(x_dtype, scale_dtype):
                        yield make("codes", opset, inputs, ("QREF-QD-015", "QREF-NO-002"), flags, comment)


def wide_integers() -> Iterator[Case]:
    """16-bit codes: the difference needs 17 bits, the product more than float16 and bfloat16 have."""
    draw = Draw("dequantize-wide")
    for x_dtype in ("int16", "uint16"):
        format = format_of(x_dtype)
        assert isinstance(format, Integer)
        for zero_point in (None, *ZERO_POINTS[x_dtype]):
            for scale_dtype, scale in (("float32", 0.1), ("float32", 3.7e-4), ("bfloat16", 0.3), ("float16", 0.001)):
                if scale_dtype == "float16" and zero_point in (-32768, 65535):
                    continue  # the difference leaves float16, and no text says how
                values = draw.edges(format.lowest, format.highest, (24,))
                if scale_dtype == "float16":
                    values = values // 2 + (0 if format.signed else 16384)
                inputs = [tensor(values, x_dtype), floats(scale, scale_dtype)]
                inputs += [] if zero_point is None else [tensor(zero_point, x_dtype)]
                comment = f"{x_dtype} codes, zero point {zero_point}, in {scale_dtype}"
                for opset in (21, 23):
                    yield make("sixteen-bit", opset, inputs, ("QREF-QD-015",), ("range-ends",), comment)


def int32() -> Iterator[Case]:
    """int32 codes, as biases have them: more bits than the float type."""
    large = [16777217, 16777219, -16777217, 2**31 - 1, -(2**31), 2**30 + 1, 123456789, -987654321, 33554435, 7, 0]
    for opset in (10, 13, 21, 23):
        for scale in (0.1, 0.3, 2.0**-20, 1e-5):
            inputs = (tensor(large, "int32"), floats(scale, "float32"))
            comment = "int32 codes beyond 24 bits: converted first, then multiplied"
            flags = ("int32-input", "int32-precision")
            yield make("int32", opset, inputs, ("QREF-QD-015",), flags, comment)
            inputs3 = (*inputs, tensor(0, "int32"))
            yield make("int32", opset, inputs3, ("QREF-QD-015",), flags, f"{comment}; zero point 0 given")
    small = tensor(np.arange(-40, 41, 5), "int32")
    for scale_dtype in ("float16", "bfloat16"):
        for opset in (19, 23):
            inputs = (small, floats(0.37, scale_dtype))
            yield make(
                "int32", opset, inputs, ("QREF-QD-015",), ("int32-input",), f"small int32 codes in {scale_dtype}"
            )


def output_types() -> Iterator[Case]:
    """From opset 23: the output's type by output_dtype, and with it the multiplication's."""
    draw = Draw("dequantize-output")
    types = ("float32", "float16", "bfloat16")
    for x_dtype in ("int8", "uint8", "int16"):
        format = format_of(x_dtype)
        assert isinstance(format, Integer)
        for scale_dtype in types:
            for asked in types:
                for scale in (0.1, 0.0307):
                    values = draw.integers(format.lowest // 2, format.highest // 2, (24,))
                    inputs = (tensor(values, x_dtype), floats(scale, scale_dtype), tensor(3, x_dtype))
                    comment = f"{scale_dtype} scale, {asked} output: scale and difference converted first"
                    flags = ("output-dtype", "opset", *([asked] if asked != "float32" else []))
                    attributes = {"output_dtype": NUMBER[asked]}
                    yield make("output-dtype", 23, inputs, ("QREF-QD-017",), flags, comment, attributes)
    codes_of_x = tensor(np.arange(-128, 128, 15), "int8")
    for code in (126, 127, 130, 110):
        for asked in types:
            inputs = (codes_of_x, tensor(code, "float8e8m0"), tensor(-5, "int8"))
            comment = f"a float8e8m0 scale, 2^{code - 127}"
            attributes = {"output_dtype": NUMBER[asked]}
            yield make("e8m0-scale", 24, inputs, ("QREF-QD-017",), ("output-dtype",), comment, attributes)
    codes = tensor(np.arange(16).reshape(2, 8), "float4e2m1")
    inputs2 = (codes, tensor([[127, 129], [120, 133]], "float8e8m0"))
    attributes = {"output_dtype": NUMBER["float32"], "block_size": 4}
    flags = ("output-dtype", "blocked", "float4")
    yield make(
        "mx-blocked",
        24,
        inputs2,
        ("QREF-QD-016", "QREF-QD-017"),
        flags,
        "blocks of 4 with float8e8m0 scales",
        attributes,
    )


def per_axis() -> Iterator[Case]:
    """One scale and zero point a slice, along every axis."""
    draw = Draw("dequantize-per-axis")
    for shape, axis in AXES:
        for x_dtype, scale_dtype, opset in (
            ("int8", "float32", 13),
            ("uint8", "float32", 13),
            ("int8", "float16", 19),
            ("uint16", "float32", 21),
            ("int4", "bfloat16", 21),
            ("uint8", "float16", 23),
            ("uint2", "float32", 25),
        ):
            format = format_of(x_dtype)
            assert isinstance(format, Integer)
            channels = shape[axis]
            inputs = (
                tensor(draw.integers(format.lowest, format.highest, shape), x_dtype),
                floats(draw.float32(-6, 2, (channels,)).astype(np.float64), scale_dtype),
                tensor(draw.edges(format.lowest, format.highest, (channels,)), x_dtype),
            )
            flags = ["per-channel"]
            flags += ["axis"] if axis != 1 else []
            flags += ["negative-axis"] if axis < 0 else []
            comment = f"scales and zero points along axis {axis} of {list(shape)}"
            yield make("per-axis", opset, inputs, ("QREF-QD-016", "QREF-QD-006"), flags, comment, {"axis": axis})


def blocked() -> Iterator[Case]:
    """One scale and zero point a block of elements along an axis, the last block whole or short."""
    draw = Draw("dequantize-blocked")
    for shape, axis, size in BLOCKS:
        for x_dtype, scale_dtype, opset, given in (
            ("uint4", "float32", 21, True),
            ("int4", "float16", 21, True),
            ("uint4", "float32", 21, False),
            ("int8", "float32", 21, True),
            ("uint8", "bfloat16", 23, True),
            ("int4", "float32", 23, False),
            ("int2", "float32", 25, True),
        ):
            format = format_of(x_dtype)
            assert isinstance(format, Integer)
            scales = blocks_of(shape, axis, size)
            inputs = [
                tensor(draw.integers(format.lowest, format.highest, shape), x_dtype),
                floats(draw.float32(-5, 2, scales).astype(np.float64), scale_dtype),
            ]
            inputs += [tensor(draw.edges(format.lowest, format.highest, scales), x_dtype)] if given else []
            flags = [*block_flags(shape, axis, size), *([] if given else ["default-zero-point"])]
            comment = f"blocks of {size} along axis {axis} of {list(shape)}"
            attributes = {"axis": axis, "block_size": size}
            yield make("blocked", opset, inputs, ("QREF-QD-016", "QREF-QD-007"), flags, comment, attributes)


def small_floats() -> Iterator[Case]:
    """Every number of the 8-bit floats and of float4e2m1."""
    for x_dtype in (*FLOAT8, "float4e2m1"):
        format = float_format(x_dtype)
        codes = np.arange(1 << format.bits)
        flag = "float4" if x_dtype == "float4e2m1" else "float8"
        halves = (codes[: len(codes) // 2], codes[len(codes) // 2 :]) if flag == "float8" else (codes,)
        for scale_dtype, scale in (("float32", 1.0), ("float32", 0.1), ("float16", 0.3), ("bfloat16", 1.7)):
            for opset in (23,) if flag == "float4" else (19, 23):
                for half in halves:
                    inputs = (tensor(half, x_dtype), floats(scale, scale_dtype))
                    requirements = ("QREF-NO-001", "QREF-NO-002")
                    comment = f"every code of {x_dtype}, infinity and NaN included, times {scale} in {scale_dtype}"
                    yield make("codes", opset, inputs, requirements, (flag, "subnormal"), comment)


def powers_of_two() -> Iterator[Case]:
    """float8e8m0 scales at the ends of their exponents: 2^-127 is code 0 and subnormal in float32, 2^127 code 254."""
    values = tensor([-128, -127, -64, -3, -2, -1, 0, 1, 2, 3, 64, 127], "int8")
    for code in (0, 1, 2, 254, 253):
        for asked in ("float32", "bfloat16"):
            attributes = {"output_dtype": NUMBER[asked]}
            flags = ("output-dtype", "subnormal" if code < 3 else "range-ends")
            comment = f"float8e8m0 code {code} is 2^{code - 127}"
            inputs = (values, tensor(code, "float8e8m0"))
            yield make("e8m0-ends", 24, inputs, ("QREF-QD-017", "QREF-NO-001"), flags, comment, attributes)
    for x_dtype in (*FLOAT8, "int4", "uint8"):
        codes = tensor(np.resize(np.arange(0, 120, 7) if x_dtype != "int4" else np.arange(-8, 8), (3, 40)), x_dtype)
        scales = tensor([[120, 127, 133], [126, 131, 118], [129, 110, 140]], "float8e8m0")
        for asked, opset in (("float32", 24), ("float16", 25), ("bfloat16", 24)):
            attributes = {"output_dtype": NUMBER[asked], "block_size": 16}
            flags = ("output-dtype", "blocked", "short-block", *(("float8",) if x_dtype in FLOAT8 else ()))
            comment = f"{x_dtype} in blocks of 16 with float8e8m0 scales"
            requirements = ("QREF-QD-016", "QREF-QD-017", "QREF-NO-001")
            yield make("mx-blocked", opset, (codes, scales), requirements, flags, comment, attributes)
        upright = tensor(codes.data.T.copy(), x_dtype), tensor(scales.data.T.copy(), "float8e8m0")
        attributes = {"output_dtype": NUMBER["float32"], "block_size": 16, "axis": 0}
        comment = f"{x_dtype} in blocks of 16 along axis 0 with float8e8m0 scales"
        yield make("mx-blocked", 24, upright, requirements, (*flags, "axis"), comment, attributes)


def float16_ends() -> Iterator[Case]:
    """Products beyond the largest float16 number, which become infinite, and the last ones that do not."""
    for opset in (19, 23):
        for scale in (512.0, 516.5, 60000.0):
            inputs = (tensor([-128, -127, -126, -1, 0, 1, 2, 125, 126, 127], "int8"), floats(scale, "float16"))
            comment = f"codes times {scale}: 65504 is the largest, 65520 rounds to infinity"
            yield make("float16-overflow", opset, inputs, ("QREF-NO-002",), ("float16", "infinity"), comment)


def subnormal() -> Iterator[Case]:
    """Products below the smallest normal number."""
    for opset in (10, 23):
        for scale in (2.0**-126, 1.5 * 2.0**-126):
            comment = "an exactly representable normal result and its neighbours"
            inputs = (tensor([1, -1, 2, 3, 100, -128, 0], "int8"), tensor(scale, "float32"))
            yield make("small-scale", opset, inputs, ("QREF-NO-002",), ("subnormal",), comment)
    for opset in (19, 23):
        inputs2 = (tensor(np.arange(0x01, 0x30), "float8e5m2"), floats(2.0**-14 * 1.3, "float16"))
        comment = "products in float16's subnormal range, ties included"
        yield make("subnormal", opset, inputs2, ("QREF-NO-002",), ("subnormal", "float8"), comment)
        inputs3 = (tensor(np.arange(0x01, 0x48), "float8e4m3fn"), floats(2.0**-126 * 1.1, "float32"))
        comment = "products in float32's subnormal range"
        yield make("subnormal", opset, inputs3, ("QREF-NO-002",), ("subnormal", "float8"), comment)


def long_rows() -> Iterator[Case]:
    """Rows longer than any vector register: a vector body and its tail must agree."""
    draw = Draw("dequantize-long")
    for x_dtype in ("int8", "uint8", "int16", "uint4", "int4"):
        format = format_of(x_dtype)
        assert isinstance(format, Integer)
        x = tensor(draw.edges(format.lowest, format.highest, (131,)), x_dtype)
        for scale_dtype in ("float32", "bfloat16"):
            inputs = (x, floats(0.0123, scale_dtype), tensor(3, x_dtype))
            comment = "131 codes: whole vectors and a tail of three"
            for opset in opsets(x_dtype, scale_dtype):
                yield make("long-row", opset, inputs, ("QREF-QD-015",), (), comment)


def shapes() -> Iterator[Case]:
    """Scalars, empty tensors, high ranks."""
    for shape in ((), (0,), (2, 0, 3), (1, 2, 1, 2, 1)):
        count = int(np.prod(shape, dtype=int))
        inputs = (tensor(np.arange(count).reshape(shape), "uint8"), tensor(0.3, "float32"), tensor(200, "uint8"))
        flags = ("zero-size",) if count == 0 else ("zero-point",)
        for opset in (10, 21):
            yield make("shape", opset, inputs, ("QREF-QD-015",), flags, f"x of shape {list(shape)}")


def errors() -> Iterator[Case]:
    """What the text rules out."""
    x = tensor(np.ones((2, 3)), "int8")
    one = tensor(1.0, "float32")
    three = tensor([1.0, 1.0, 1.0], "float32")
    rows: list[tuple[str, int, tuple[Tensor | None, ...], dict[str, Any]]] = [
        ("a uint8 zero point beside int8 x", 10, (x, one, tensor(1, "uint8")), {}),
        ("zero point of another shape than the scale", 13, (x, three, tensor(0, "int8")), {}),
        ("two scales for three slices", 13, (x, tensor([1.0, 1.0], "float32")), {}),
        ("axis 2 of rank 2", 13, (x, three), {"axis": 2}),
        ("axis 2 of rank 2, its lengths the same", 13, (tensor(np.ones((3, 3)), "int8"), three), {"axis": 2}),
        (
            "blocks of 2 along 3 elements need two scales",
            21,
            (x, tensor(np.ones((2, 1)), "float32")),
            {"block_size": 2},
        ),
    ]
    for comment, opset, inputs, attributes in rows:
        request = ask(OP, opset, inputs, attributes)
        yield refused(SUITE, "error", request, ("QREF-QD-018",), ("error",), comment)
