"""Cases of QuantizeLinear for the suite `onnx-quantized`."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.numerics.floats import decode, divide, encode, float_format, round_to
from qref.numerics.formats import Float, Integer, format_of
from qref.numerics.tensor import Tensor, tensor
from qref.ops.onnx.data_types import DATA_TYPES
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

SUITE = "onnx-quantized"
OP = "QuantizeLinear"
NUMBER = {name: number for number, name in DATA_TYPES.items()}
BITS = {2: "two-bit", 4: "four-bit", 16: "sixteen-bit"}
FLOAT8 = ("float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz")
ZERO_POINTS = {
    "int8": (0, 3, -128, 127),
    "uint8": (0, 128, 255, 7),
    "int16": (0, -32768, 129),
    "uint16": (0, 32768, 65535),
    "int4": (0, 3, -8, 7),
    "uint4": (0, 8, 15, 5),
    "int2": (0, 1, -2),
    "uint2": (0, 2, 3),
}
AXES = (
    ((2, 3, 4), 1),
    ((3, 5), 0),
    ((2, 4, 3), 2),
    ((2, 3, 4), -1),
    ((2, 3, 4), -3),
    ((3, 1, 2), 1),
    ((7,), 0),
    ((5,), -1),
    ((3, 3), 0),
    ((3, 3), 1),
    ((3, 3), -1),
    ((2, 3, 3), -1),
    ((3, 3, 2), -2),
)
POWERS = (1.0, 0.5, 2.0, 0.0078125)
DECIMALS = (0.1, 0.3, 0.02, 0.7, 1.7, 0.0123)


def cases() -> Iterator[Case]:
    """All cases of QuantizeLinear."""
    yield from ties()
    yield from near_ties()
    yield from saturation()
    yield from integer_input()
    yield from per_axis()
    yield from blocked()
    yield from output_types()
    yield from precision()
    yield from float8()
    yield from float4()
    yield from small_numbers()
    yield from narrow_float_ties()
    yield from powers_of_two()
    yield from long_rows()
    yield from shapes()
    yield from errors()


def floats(values: ArrayLike, dtype: str) -> Tensor:
    """Values rounded to a float format."""
    return encode(np.asarray(values, np.float64), dtype)


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
    request = ask(OP, opset, inputs, attributes)
    return judged(SUITE, slug, request, _based(requirements, opset), tuple(carried), comment)


def _based(requirements: Sequence[str], opset: int) -> tuple[str, ...]:
    """The division's basis changed at opset 23."""
    return ("QREF-QD-001" if opset >= 23 else "QREF-QD-002", *requirements)


def _type_flags(inputs: Sequence[Tensor | None]) -> list[str]:
    found = []
    for x in inputs[:2]:
        if x is not None and x.dtype in ("float16", "bfloat16"):
            found.append(x.dtype)
    zero_point = inputs[2] if len(inputs) > 2 else None
    if zero_point is not None and isinstance(zero_point.format, Integer):
        if zero_point.data.any():
            found.append("zero-point")
        ends = (zero_point.format.lowest, zero_point.format.highest)
        if zero_point.data.size and zero_point.data.any() and np.isin(zero_point.data, ends).any():
            found.append("zero-point-ends")
        if zero_point.format.bits in BITS:
            found.append(BITS[zero_point.format.bits])
    return found


def opsets(x_dtype: str, y_dtype: str) -> tuple[int, ...]:
    """The opsets in which the combination is new, or judged on another basis."""
    format = format_of(y_dtype)
    if format.bits == 2:
        return (25,)
    if format.bits != 8:
        return (21, 23)
    return (10, 23) if x_dtype == "float32" else (19, 23)


def ties() -> Iterator[Case]:
    """Quotients exactly between two integers under scales that are powers of two."""
    for x_dtype in ("float32", "float16", "bfloat16"):
        for y_dtype, zero_points in ZERO_POINTS.items():
            format = format_of(y_dtype)
            if x_dtype == "bfloat16" and format.bits not in (8, 4):
                continue
            for zero_point in zero_points:
                for scale in POWERS if (x_dtype, zero_point) == ("float32", 0) else POWERS[1:2]:
                    reach = 12 if format.bits >= 8 else 6
                    k = np.arange(-reach, reach + 1)
                    x = floats((k + 0.5) * scale, x_dtype)
                    inputs = (x, floats(scale, x_dtype), tensor(zero_point, y_dtype))
                    for opset in opsets(x_dtype, y_dtype):
                        comment = f"x / {scale} is k + 1/2 for k from {-reach} to {reach}"
                        requirements = ("QREF-QD-003", "QREF-QD-004", "QREF-RD-001")
                        yield make("tie-half-even", opset, inputs, requirements, ("tie", "negative-tie"), comment)


def near_ties() -> Iterator[Case]:
    """Values within a few units in the last place of a tie, where exact, float32 and reciprocal arithmetic part."""
    for x_dtype in ("float32", "float16", "bfloat16"):
        for y_dtype, zero_point in (
            ("int8", 0),
            ("uint8", 127),
            ("int8", -5),
            ("int16", 0),
            ("uint16", 30001),
            ("int4", 1),
        ):
            if x_dtype == "bfloat16" and y_dtype == "uint16":
                continue
            for scale in DECIMALS:
                s = floats(scale, x_dtype)
                x = telling(s, x_dtype, y_dtype, zero_point)
                if not x.data.size:
                    continue
                for opset in opsets(x_dtype, y_dtype):
                    comment = f"next to ties of {scale}: the division's precision decides"
                    flags = ("near-tie", "reciprocal", *(("opset",) if opset >= 23 else ()))
                    inputs = (x, s, tensor(zero_point, y_dtype))
                    yield make("near-tie", opset, inputs, ("QREF-QD-003", "QREF-QD-004"), flags, comment)


def telling(s: Tensor, x_dtype: str, y_dtype: str, zero_point: int, most: int = 24) -> Tensor:
    """Values near ties for which division in the own type, in float32, exactly and by the reciprocal part."""
    T, single = float_format(x_dtype), float_format("float32")
    format = format_of(y_dtype)
    assert isinstance(format, Integer)
    lowest, highest = max(format.lowest - zero_point, -3000), min(format.highest - zero_point, 3000)
    k = np.arange(lowest, highest) + 0.5
    scale = decode(s)
    middle = round_to(k * scale, T)
    _, e = np.frexp(middle)
    ulp = np.ldexp(1.0, np.maximum(e - 1, T.lowest_exponent) - T.mantissa_bits)
    x = np.unique(np.concatenate([middle + d * ulp for d in (-2, -1, 0, 1, 2)]))
    x = x[np.isfinite(round_to(x, T))]
    ways = [
        divide(x, scale, T),
        x / scale,
        divide(x, round_to(scale, single), single),
        round_to(x * divide(np.ones(()), scale, T), T),
    ]
    rounded = np.stack([np.rint(way) for way in ways] + [np.copysign(np.floor(np.abs(ways[0]) + 0.5), x)])
    pattern = rounded - rounded[0]
    interesting = pattern.any(0)
    x, pattern = x[interesting], pattern[:, interesting]
    # first one of each way to differ, then more of them
    _, inverse = np.unique(pattern, axis=1, return_inverse=True)
    group = inverse.ravel()  # NumPy 2.0 gives it another axis
    order = np.argsort([list(group[:i]).count(g) for i, g in enumerate(group)], kind="stable")
    return floats(np.sort(x[order[:most]]), x_dtype)


def saturation() -> Iterator[Case]:
    """At, around and far beyond both ends of the output, infinity included."""
    for x_dtype in ("float32", "float16", "bfloat16"):
        for y_dtype, zero_points in ZERO_POINTS.items():
            if x_dtype == "bfloat16" and format_of(y_dtype).bits == 16:
                continue
            for zero_point in zero_points:
                format = format_of(y_dtype)
                assert isinstance(format, Integer)
                scale = 0.25 if x_dtype == "float32" else 2.0
                ends = np.array([format.lowest - zero_point, format.highest - zero_point])
                steps = np.array([-2, -1.5, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 1.5, 2])
                around = (ends[:, None] + steps).ravel() * scale
                far = [1e4, -1e4, 3e38, -3e38, 2.0**31 * scale, -(2.0**31) * scale, 2.0**33, 65504.0, -65504.0]
                values = np.concatenate([around, far, [np.inf, -np.inf]])
                x = floats(values, x_dtype)
                inputs = (x, floats(scale, x_dtype), tensor(zero_point, y_dtype))
                for opset in opsets(x_dtype, y_dtype):
                    comment = f"around {format.lowest} and {format.highest}, far beyond, and infinite"
                    requirements = ("QREF-QD-005", "QREF-RD-006")
                    yield make("saturation", opset, inputs, requirements, ("saturation", "infinity"), comment)


def integer_input() -> Iterator[Case]:
    """int32 input: ties, and values beyond the 24 bits of float32."""
    small = tensor(np.arange(-21, 22), "int32")
    large = tensor([2**24 + 1, 2**24 + 3, -(2**24) - 1, 2**25 + 2, 2**31 - 1, -(2**31), 2**30 + 1, 33554435], "int32")
    for opset in (10, 13, 23):
        for y_dtype, zero_point in (("int8", 0), ("uint8", 100), ("int8", -7)):
            for scale in (2.0, 4.0, 0.5, 3.0):
                flags = ("int32-input", "tie", "negative-tie")
                inputs = (small, tensor(scale, "float32"), tensor(zero_point, y_dtype))
                yield make("int32-input", opset, inputs, ("QREF-QD-011", "QREF-QD-003"), flags, f"int32 x / {scale}")
            for scale in (2.0**19, 2.0**18 + 1, 131073.5):
                inputs = (large, tensor(scale, "float32"), tensor(zero_point, y_dtype))
                comment = "int32 values that float32 cannot hold"
                yield make("int32-large", opset, inputs, ("QREF-QD-011",), ("int32-input", "int32-precision"), comment)
    ties = tensor([2**24 + 2**17 + 1, 3 * 2**23 + 1, 2**25 + 2**18 + 3, -(2**24) - 2**17 - 1], "int32")
    for opset in (10, 23):
        inputs = (ties, tensor(2.0**18, "float32"), tensor(0, "int8"))
        comment = "one above a tie: converted to float32 it is the tie"
        yield make(
            "int32-near-tie", opset, inputs, ("QREF-QD-011",), ("int32-input", "int32-precision", "tie"), comment
        )


def per_axis() -> Iterator[Case]:
    """One scale and zero point a slice, along every axis."""
    draw = Draw("quantize-per-axis")
    for shape, axis in AXES:
        for x_dtype, y_dtype, opset in (
            ("float32", "int8", 13),
            ("float32", "uint8", 13),
            ("float16", "int8", 19),
            ("bfloat16", "uint8", 19),
            ("float32", "int16", 21),
            ("float32", "uint4", 21),
            ("float16", "int8", 23),
            ("float32", "int2", 25),
        ):
            channels = shape[axis]
            format = format_of(y_dtype)
            assert isinstance(format, Integer)
            s = floats(draw.float32(-4, 2, (channels,)).astype(np.float64), x_dtype)
            z = tensor(draw.edges(format.lowest, format.highest, (channels,)), y_dtype)
            x = floats(draw.signed_float32(-2, 5, shape).astype(np.float64), x_dtype)
            flags = ["per-channel"]
            flags += ["axis"] if axis != 1 else []
            flags += ["negative-axis"] if axis < 0 else []
            comment = f"scales and zero points along axis {axis} of {list(shape)}"
            yield make("per-axis", opset, (x, s, z), ("QREF-QD-006",), flags, comment, {"axis": axis})
    for axis in (0, 1):
        x = floats(draw.signed_float32(-2, 5, (2, 3) if axis else (3, 2)).astype(np.float64), "float32")
        s = floats([0.5, 0.25, 0.125], "float32")
        comment = "a scale an axis and no zero point: uint8, zero"
        yield make(
            "per-axis",
            13,
            (x, s),
            ("QREF-QD-006", "QREF-QD-008"),
            ("per-channel", "default-zero-point"),
            comment,
            {"axis": axis},
        )


BLOCKS = (
    ((2, 6), 1, 2),
    ((2, 6), 1, 3),
    ((2, 5), 1, 2),
    ((7, 2), 0, 3),
    ((10, 2), 0, 4),
    ((2, 3, 9), 2, 4),
    ((2, 3, 9), -1, 2),
    ((4, 5, 2), -2, 3),
    ((2, 4), 1, 4),
    ((2, 4), 1, 1),
    ((9,), 0, 4),
    ((3, 16), 1, 5),
    ((4, 4), 0, 2),
    ((4, 4), 1, 2),
)


def block_flags(shape: tuple[int, ...], axis: int, size: int) -> list[str]:
    """The flags of a blocked case."""
    flags = ["blocked"]
    flags += ["short-block"] if shape[axis] % size else []
    flags += ["axis"] if axis != 1 else []
    return flags + (["negative-axis"] if axis < 0 else [])


def blocks_of(shape: tuple[int, ...], axis: int, size: int) -> tuple[int, ...]:
    """The shape of the scales."""
    found = list(shape)
    found[axis] = -(-shape[axis] // size)
    return tuple(found)


def blocked() -> Iterator[Case]:
    """One scale and zero point a block of elements along an axis, the last block whole or short."""
    draw = Draw("quantize-blocked")
    for shape, axis, size in BLOCKS:
        for x_dtype, y_dtype, opset in (
            ("float32", "int8", 21),
            ("float32", "uint4", 21),
            ("float16", "int4", 21),
            ("bfloat16", "uint16", 21),
            ("float32", "int4", 23),
            ("float16", "uint8", 23),
            ("float32", "uint2", 25),
        ):
            format = format_of(y_dtype)
            assert isinstance(format, Integer)
            scales = blocks_of(shape, axis, size)
            s = floats(draw.float32(-3, 3, scales).astype(np.float64), x_dtype)
            z = tensor(draw.edges(format.lowest, format.highest, scales), y_dtype)
            x = floats(draw.signed_float32(-1, 4, shape).astype(np.float64), x_dtype)
            flags = block_flags(shape, axis, size)
            comment = f"blocks of {size} along axis {axis} of {list(shape)}"
            attributes = {"axis": axis, "block_size": size}
            yield make("blocked", opset, (x, s, z), ("QREF-QD-007",), flags, comment, attributes)
        y_dtype = "uint4"
        s = floats(draw.float32(-2, 2, blocks_of(shape, axis, size)).astype(np.float64), "float32")
        x = floats(draw.signed_float32(-1, 4, shape).astype(np.float64), "float32")
        flags = [*block_flags(shape, axis, size), "default-zero-point", "output-dtype", "four-bit"]
        attributes = {"axis": axis, "block_size": size, "output_dtype": NUMBER[y_dtype]}
        comment = "blocks without zero points: zero, not the middle of the range"
        yield make("blocked", 21, (x, s), ("QREF-QD-007", "QREF-QD-008"), flags, comment, attributes)


def output_types() -> Iterator[Case]:
    """The output's type by default and by output_dtype."""
    x = floats(np.arange(-10, 11) * 0.75, "float32")
    s = tensor(0.5, "float32")
    for opset in (10, 13, 19, 21, 23, 24, 25):
        flags = ("default-zero-point", "tie", *(("opset",) if opset > 10 else ()))
        yield make("default-type", opset, (x, s), ("QREF-QD-008",), flags, "no zero point: uint8, zero")
    for y_dtype in ("int8", "uint8", "int16", "uint16", "int4", "uint4"):
        width = [BITS[format_of(y_dtype).bits]] if format_of(y_dtype).bits in BITS else []
        given = ["default-zero-point", "output-dtype", *width]
        for opset in (21, 23):
            attributes = {"output_dtype": NUMBER[y_dtype]}
            comment = f"output_dtype {y_dtype}, no zero point"
            yield make("output-dtype", opset, (x, s), ("QREF-QD-008",), given, comment, attributes)
            both = (x, s, tensor(1, y_dtype))
            comment = f"output_dtype {y_dtype} beside a zero point of that type"
            yield make("output-dtype", opset, both, ("QREF-QD-008",), ("output-dtype",), comment, attributes)
    for y_dtype in ("int2", "uint2"):
        flags = ("default-zero-point", "output-dtype", "two-bit")
        attributes = {"output_dtype": NUMBER[y_dtype]}
        yield make("output-dtype", 25, (x, s), ("QREF-QD-008",), flags, f"output_dtype {y_dtype}", attributes)


def precision() -> Iterator[Case]:
    """From opset 23: the scale's type, or `precision`, fixes the division."""
    draw = Draw("quantize-precision")
    types = ("float32", "float16", "bfloat16")
    for x_dtype in types:
        for s_dtype in types:
            for asked in ("", *types):
                T = asked or s_dtype
                for scale, y_dtype, zero_point in ((0.3, "int8", 0), (0.07, "uint8", 128), (0.3, "int16", 0)):
                    if asked and (y_dtype, x_dtype) == ("uint8", "bfloat16"):
                        continue
                    s = floats(scale, s_dtype)
                    k = draw.integers(-120, 120, (40,)) if y_dtype != "int16" else draw.integers(-3000, 3000, (40,))
                    x = floats((k + 0.5) * float(decode(s)), x_dtype)
                    flags = ["near-tie", *(["precision"] if asked else []), *(["opset"] if not asked else [])]
                    if T != "float32":
                        flags.append(T)
                    attributes = {"precision": NUMBER[asked]} if asked else {}
                    comment = f"{x_dtype} x, {s_dtype} scale, divided in {T}"
                    inputs = (x, s, tensor(zero_point, y_dtype))
                    yield make("precision", 23, inputs, ("QREF-QD-003",), flags, comment, attributes)
    x = floats(np.arange(-20, 21) * 0.375, "float32")
    for code in (126, 127, 128, 120):
        for asked in types:
            s = tensor(code, "float8e8m0")
            attributes = {"precision": NUMBER[asked]}
            comment = f"a float8e8m0 scale, 2^{code - 127}, and precision {asked}"
            yield make("e8m0-scale", 24, (x, s, tensor(2, "int8")), (), ("precision", "tie"), comment, attributes)


def float8_values(format: Float) -> NDArray[np.float64]:
    """Every number of the format, the middle of each two neighbours, and what lies a little beside the middles."""
    codes = np.arange(1 << format.bits, dtype=np.uint8)
    numbers = decode(Tensor(format.name, codes))
    numbers = np.unique(numbers[np.isfinite(numbers)]) + 0.0  # which of two zeros is kept differs between machines
    middles = (numbers[1:] + numbers[:-1]) / 2
    beside = np.concatenate([middles * (1 - 2.0**-12), middles * (1 + 2.0**-12)])
    return np.concatenate([numbers, middles, beside])


def float8() -> Iterator[Case]:
    """float8 outputs: every number and tie, beyond the range with and without saturation."""
    for y_dtype in FLOAT8:
        format = float_format(y_dtype)
        values = float8_values(format)
        positive = values[values > 0]
        inside = np.concatenate([positive, -positive[::5], [0.0]])
        _, e = np.frexp(format.highest)
        step = np.ldexp(1.0, int(e) - 1 - format.mantissa_bits)
        # within half a step the mantissa rounds to the largest number, which is not out of range
        edge = format.highest + step * np.array([0, 0.25, 0.5, 0.5625, 0.75])
        beyond = np.concatenate([edge, np.array([1.5, 2.0, 100.0]) * format.highest])
        requirements = ("QREF-QD-009", "QREF-NO-002")
        for opset in (19, 23):
            for slug, chosen in (("float8", inside[: len(inside) // 2]), ("float8", inside[len(inside) // 2 :])):
                x = floats(chosen, "float32")
                inputs = (x, tensor(1.0, "float32"), tensor(0, y_dtype))
                flags = ("float8", "tie", "subnormal")
                yield make(slug, opset, inputs, requirements, flags, f"every {y_dtype} number and the middles", {})
        for opset in (19, 21, 23, 24, 25):
            for saturate in (0, 1):
                x = floats(np.concatenate([beyond, -beyond, [np.nan]]), "float32")
                inputs = (x, tensor(1.0, "float32"), tensor(0, y_dtype))
                comment = f"±{format.highest}, and beyond, with saturate {saturate}; NaN"
                flags = ("float8", "saturation", "tie")
                yield make("float8-range", opset, inputs, requirements, flags, comment, {"saturate": saturate})
                x = floats([np.inf, 1.0, -np.inf], "float32")
                inputs = (x, tensor(0.5, "float32"), tensor(0, y_dtype))
                comment = f"infinity with saturate {saturate}: Cast-24 changed what the fnuz types make of it"
                flags = ("float8", "infinity", "opset")
                attributes = {"saturate": saturate}
                yield make("float8-infinity", opset, inputs, ("QREF-QD-022",), flags, comment, attributes)
        for x_dtype, scale in (("float16", 0.3), ("bfloat16", 0.7), ("float32", 0.1)):
            x = floats(np.arange(-30, 31) * 0.21, x_dtype)
            inputs = (x, floats(scale, x_dtype), tensor(0, y_dtype))
            yield make("float8-scaled", 19, inputs, requirements, ("float8",), f"{x_dtype} / {scale} to {y_dtype}")
        x = floats(np.arange(-24, 25).reshape(7, 7) * 0.37, "float32")
        s = floats([0.5, 0.25, 1.0, 3.0, 0.1, 7.0, 2.0], "float32")
        inputs = (x, s, tensor([0] * 7, y_dtype))
        yield make(
            "float8-per-axis",
            19,
            inputs,
            ("QREF-QD-006", *requirements),
            ("float8", "per-channel"),
            "scales along axis 1",
        )
        attributes = {"output_dtype": NUMBER[y_dtype]}
        inputs2 = (x, tensor(0.7, "float32"))
        flags = ("float8", "output-dtype", "default-zero-point")
        yield make(
            "float8-output-dtype",
            21,
            inputs2,
            ("QREF-QD-008", *requirements),
            flags,
            "type by output_dtype",
            attributes,
        )


def float4() -> Iterator[Case]:
    """float4e2m1 outputs: every number, every tie, and beyond."""
    numbers = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6])
    middles = (numbers[1:] + numbers[:-1]) / 2
    values = np.concatenate([numbers, middles, middles - 0.03125, middles + 0.03125, [6.5, 7, 8, 100, np.inf]])
    x = floats(np.concatenate([values, -values]), "float32")
    requirements = ("QREF-QD-010", "QREF-NO-002")
    for opset in (23, 24, 25):
        for saturate in (0, 1):
            inputs = (x, tensor(1.0, "float32"), tensor(0, "float4e2m1"))
            comment = f"every float4e2m1 number, tie and overflow, saturate {saturate}"
            flags = ("float4", "tie", "saturation", "infinity")
            yield make("float4", opset, inputs, requirements, flags, comment, {"saturate": saturate})
    for x_dtype in ("float16", "bfloat16"):
        scaled = (floats(np.concatenate([values, -values]) * 0.75, x_dtype), floats(0.75, x_dtype))
        attributes = {"output_dtype": NUMBER["float4e2m1"]}
        carried = ("float4", "tie", "output-dtype")
        yield make("float4", 23, scaled, requirements, carried, f"{x_dtype} by output_dtype", attributes)
    shape, size = (2, 8), 4
    blocked = (floats(np.arange(-8, 8).reshape(shape) * 0.8, "float32"), floats([[1.0, 0.5], [2.0, 0.25]], "float32"))
    attributes = {"output_dtype": NUMBER["float4e2m1"], "block_size": size}
    yield make(
        "float4-blocked", 23, blocked, (*requirements, "QREF-QD-007"), ("float4", "blocked"), "blocks of 4", attributes
    )
    scales = tensor([[127, 126], [129, 125]], "float8e8m0")
    attributes = {**attributes, "precision": NUMBER["float32"]}
    comment = "blocks of 4 with float8e8m0 scales"
    yield make(
        "float4-blocked",
        24,
        (blocked[0], scales),
        (*requirements, "QREF-QD-007"),
        ("float4", "blocked", "precision"),
        comment,
        attributes,
    )


def narrow_float_ties() -> Iterator[Case]:
    """float8 ties from float16 and bfloat16, and small values of either sign that become zero.

    The zero of a format without −0 has no sign: its code with a sign is NaN. Values next to half the smallest number
    need more bits than float16 has between x and the rounding.
    """
    for y_dtype in FLOAT8:
        format = float_format(y_dtype)
        values = float8_values(format)
        smallest = format.smallest_subnormal
        around_half = np.array([0.5, 0.25, 0.5 + 2.0**-10, 0.5 - 2.0**-10, 0.75, 1.0, 1.5, 2.0**-12]) * smallest
        requirements = ("QREF-QD-009", "QREF-NO-002")
        for x_dtype, opset in (("float32", 19), ("float32", 24), ("float16", 21), ("bfloat16", 25)):
            x = floats(np.concatenate([around_half, -around_half, [0.0, -0.0]]), x_dtype)
            inputs = (x, floats(1.0, x_dtype), tensor(0, y_dtype))
            comment = f"around half the smallest {y_dtype}: zero, not the code of a negative zero"
            yield make("float8-smallest", opset, inputs, requirements, ("float8", "subnormal", "tie"), comment)
        exact = values[(decode(floats(values, "float16")) == values) & (np.abs(values) < 2.0**15)]
        for x_dtype, opset, step in (("float16", 23, 3), ("bfloat16", 19, 4)):
            inputs = (floats(exact[::step], x_dtype), floats(1.0, x_dtype), tensor(0, y_dtype))
            comment = f"{y_dtype} ties from {x_dtype}"
            yield make("float8", opset, inputs, requirements, ("float8", "tie"), comment)


def powers_of_two() -> Iterator[Case]:
    """float8e8m0 scales of blocks, for every kind of output, and at the ends of their exponents."""
    x = floats(np.resize(np.arange(-61, 62) * 0.375, (3, 40)), "float32")
    scales = tensor([[127, 125, 128], [126, 129, 124], [130, 123, 127]], "float8e8m0")
    types = ("int8", "uint8", "int4", "uint4", "int16", "float4e2m1", *FLOAT8)
    for i, y_dtype in enumerate(types):
        asked = ("float32", "float16", "bfloat16")[i % 3]
        attributes = {"block_size": 16, "precision": NUMBER[asked], "output_dtype": NUMBER[y_dtype]}
        flags = ["blocked", "short-block", "precision", "output-dtype", "tie"]
        flags += ["float8"] if y_dtype in FLOAT8 else ["float4"] if y_dtype == "float4e2m1" else []
        comment = f"{y_dtype} in blocks of 16 with float8e8m0 scales, divided in {asked}"
        yield make("e8m0-blocked", (24, 25)[i % 2], (x, scales), ("QREF-QD-007",), flags, comment, attributes)
    for code in (1, 2, 253, 254):
        values = np.array([1, 1.5, 2.5, -0.5, -1.5, 3.5, -7, 100, -200]) * 2.0 ** (code - 127)
        values = np.clip(values, -float_format("float32").highest, float_format("float32").highest)
        inputs = (floats(values, "float32"), tensor(code, "float8e8m0"), tensor(1, "int8"))
        attributes = {"precision": NUMBER["float32"]}
        comment = f"a float8e8m0 scale near the end of its exponents, 2^{code - 127}"
        yield make("e8m0-ends", 24, inputs, ("QREF-QD-003",), ("precision", "tie"), comment, attributes)


def small_numbers() -> Iterator[Case]:
    """Subnormal inputs and quotients."""
    tiny = 2.0**-149
    for opset in (10, 23):
        x = floats(np.array([1, 3, 5, 7, -1, -3, 2**22, 2**23 - 1, -(2**22)]) * tiny, "float32")
        for scale in (2.0**-126, 2.0**-125):
            inputs = (x, tensor(scale, "float32"), tensor(0, "int8"))
            comment = "subnormal x over the smallest normal scale"
            yield make("subnormal", opset, inputs, ("QREF-QD-003",), ("subnormal", "tie"), comment)
    for opset in (19, 23):
        x = floats(np.array([1, 3, 5, 7, -1, -3, 511, 512, 513, 1023]) * 2.0**-24, "float16")
        inputs = (x, floats(2.0**-14, "float16"), tensor(0, "int8"))
        comment = "subnormal float16 x over the smallest normal scale"
        yield make("subnormal", opset, inputs, ("QREF-QD-003",), ("subnormal", "tie"), comment)
        x = floats([60000, -60000, 65504, 30000, 100], "float16")
        inputs = (x, floats(0.5, "float16"), tensor(0, "int16" if opset == 23 else "int8"))
        comment = "a quotient beyond the largest float16 number saturates"
        yield make("float16-overflow", opset, inputs, ("QREF-QD-005",), ("float16", "saturation"), comment)


def long_rows() -> Iterator[Case]:
    """Rows longer than any vector register, ties and near ties all along: a vector body and its tail must agree."""
    k = np.arange(131) - 65
    for x_dtype in ("float32", "float16"):
        for y_dtype, zero_point in (("int8", 0), ("uint8", 127), ("int16", 5), ("uint4", 8), ("int8", -1)):
            for scale in (0.5, 0.3):
                s = floats(scale, x_dtype)
                beside = telling(s, x_dtype, y_dtype, zero_point, most=131)
                values = decode(beside) if beside.data.size and scale != 0.5 else (k + 0.5) * scale
                x = floats(np.resize(values, 131), x_dtype)
                for opset in opsets(x_dtype, y_dtype):
                    flags = ("tie", "near-tie")
                    comment = "131 values, each a tie or next to one: whole vectors and a tail of three"
                    inputs = (x, s, tensor(zero_point, y_dtype))
                    yield make("long-row", opset, inputs, ("QREF-QD-003", "QREF-QD-004"), flags, comment)


def shapes() -> Iterator[Case]:
    """Scalars, empty tensors, high ranks."""
    for shape in ((), (0,), (2, 0, 3), (1, 2, 1, 2, 1)):
        count = int(np.prod(shape, dtype=int))
        x = floats(np.arange(count).reshape(shape) + 0.5, "float32")
        inputs = (x, tensor(1.0, "float32"), tensor(3, "int8"))
        flags = ("zero-size",) if count == 0 else ("tie", "zero-point")
        for opset in (10, 21):
            yield make("shape", opset, inputs, ("QREF-QD-003",), flags, f"x of shape {list(shape)}")


def errors() -> Iterator[Case]:
    """What the text rules out."""
    x = floats(np.ones((2, 3)), "float32")
    s, z = tensor(1.0, "float32"), tensor(0, "int8")
    # an axis taken modulo the rank finds a length that fits
    square, three, zeros = floats(np.ones((3, 3)), "float32"), tensor([1.0] * 3, "float32"), tensor([0] * 3, "int8")
    rows: list[tuple[str, int, tuple[Tensor | None, ...], dict[str, Any]]] = [
        ("zero point of another shape than the scale", 13, (x, tensor([1.0, 1.0, 1.0], "float32"), z), {}),
        ("two scales for three slices", 13, (x, tensor([1.0, 1.0], "float32"), tensor([0, 0], "int8")), {}),
        ("axis 2 of rank 2", 13, (x, tensor([1.0, 1.0, 1.0], "float32"), tensor([0, 0, 0], "int8")), {"axis": 2}),
        ("axis -3 of rank 2", 13, (x, tensor([1.0, 1.0, 1.0], "float32"), tensor([0, 0, 0], "int8")), {"axis": -3}),
        ("axis 2 of rank 2, its lengths the same", 13, (square, three, zeros), {"axis": 2}),
        ("axis -3 of rank 2, its lengths the same", 13, (square, three, zeros), {"axis": -3}),
        ("output_dtype uint8 beside an int8 zero point", 21, (x, s, z), {"output_dtype": NUMBER["uint8"]}),
        (
            "blocks of 2 along 3 elements need two scales",
            21,
            (x, tensor(np.ones((2, 1)), "float32"), tensor(np.zeros((2, 1)), "int8")),
            {"block_size": 2},
        ),
    ]
    for comment, opset, inputs, attributes in rows:
        request = ask(OP, opset, inputs, attributes)
        yield refused(SUITE, "error", request, ("QREF-QD-012",), ("error",), comment)
