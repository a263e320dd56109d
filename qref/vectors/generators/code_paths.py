"""Cases for the paths that a fast kernel takes: each type, each granularity, vector bodies and tails, all at once.

A kernel for int8 per tensor and one for uint4 in blocks are two programs, and each has a body of whole vectors and a
tail. What the other generators try one thing at a time is mixed here in tensors longer than any vector register: ties,
values next to ties, both ends, what lies far beyond and infinity, under scales and zero points that differ from slice
to slice.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import decode, float_format
from qref.numerics.formats import Integer, format_of
from qref.numerics.tensor import Tensor, tensor
from qref.ops.onnx.mat_mul_integer import mat_mul_integer
from qref.vectors.case import Case
from qref.vectors.generators import convolution, dequantize_linear, matrix_product, quantize_linear
from qref.vectors.generators.convolution import TYPES, Shape, draw_one, ends, other
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.quantize_linear import FLOAT8, NUMBER, blocks_of, float8_values, floats

# shape, axis, block size; rows longer than 64, whole vectors and tails, slices that lie apart and slices that adjoin
GRANULARITIES: tuple[tuple[tuple[int, ...], int, int], ...] = (
    ((131,), 0, 0),
    ((3, 4, 19), 1, 0),
    ((5, 37), -1, 0),
    ((3, 70), 0, 0),
    ((3, 70), 1, 16),
    ((2, 45), -1, 32),
    ((7, 27), 0, 3),
    ((2, 5, 18), 1, 2),
)
INTEGERS = ("int8", "uint8", "int16", "uint16", "int4", "uint4", "int2", "uint2")
NARROW_FLOATS = (*FLOAT8, "float4e2m1")


def cases() -> Iterator[Case]:
    """All cases of this file for the suite `onnx-quantized`."""
    yield from quantize()
    yield from quantize_int32()
    yield from dequantize()
    yield from convolutions()
    yield from products()


def granularity_flags(shape: tuple[int, ...], axis: int, size: int) -> list[str]:
    """The flags of a shape, axis and block size."""
    if size:
        return quantize_linear.block_flags(shape, axis, size)
    if len(shape) == 1:
        return []
    return ["per-channel", *(["axis"] if axis != 1 else []), *(["negative-axis"] if axis < 0 else [])]


def scales_of(shape: tuple[int, ...], axis: int, size: int) -> tuple[int, ...]:
    """The shape of the scales: none for one row, one a slice, or one a block."""
    if size:
        return blocks_of(shape, axis, size)
    return () if len(shape) == 1 else (shape[axis],)


def spread_to(values: NDArray[Any], shape: tuple[int, ...], axis: int, size: int) -> NDArray[Any]:
    """`values`, one a scale, for every element of a tensor of `shape`."""
    if values.ndim == 0:
        return np.broadcast_to(values, shape)
    axis %= len(shape)
    if not size:
        return np.broadcast_to(values.reshape([-1 if i == axis else 1 for i in range(len(shape))]), shape)
    return np.repeat(values, size, axis)[tuple(slice(n) for n in shape)]


def some_scales(draw: Draw, shape: tuple[int, ...], dtype: str) -> Tensor:
    """Scales by turns a power of two, which gives ties, and a number with all its bits."""
    count = int(np.prod(shape, dtype=int))
    powers = np.ldexp(1.0, draw.integers(-4, 1, (count,)))
    drawn = draw.float32(-4, 1, (count,)).astype(np.float64)
    return floats(np.where(np.arange(count) % 2 == 0, powers, drawn).reshape(shape), dtype)


def quotients(draw: Draw, scale: float, zero_point: int, x_dtype: str, y_dtype: str) -> list[float]:
    """Values of x that tell under one scale: ties, next to ties, both ends, far beyond, infinite, subnormal."""
    format = format_of(y_dtype)
    largest = float_format(x_dtype).highest
    far = [2.0**33 * scale, -(2.0**33) * scale, largest, -largest, np.inf, -np.inf, 2.0**-133, -0.0]
    if not isinstance(format, Integer):
        format = float_format(y_dtype)
        values = float8_values(format) if format.bits == 8 else np.array([0, 0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5, 5.5])
        inside = np.abs(values) <= format.highest
        values = values[inside & (np.abs(values) >= 2.0**-20)]
        picked = values[draw.integers(0, len(values) - 1, (40,))]
        beyond = np.array([1.5, -1.5, 3.0, -3.0]) * format.highest
        return [*(picked * scale), *(beyond * scale), *far]
    lowest, highest = format.lowest - zero_point, format.highest - zero_point
    k = draw.integers(max(lowest, -60), min(highest, 60), (20,))
    edge = np.array([lowest - 1, lowest - 0.5, lowest, highest, highest + 0.5, highest + 1, highest + 2])
    middle = decode(floats((k + 0.5) * scale, x_dtype))
    ulp = 2.0 ** -float_format(x_dtype).mantissa_bits
    return [*middle, *(middle * (1 + ulp)), *(middle * (1 - ulp)), *(edge * scale), *far]


def mixed(draw: Draw, scales: NDArray[Any], zeros: NDArray[Any], x_dtype: str, y_dtype: str) -> Tensor:
    """x whose elements tell under the scale and zero point that belong to each."""
    pools: dict[tuple[float, int], list[float]] = {}
    x = np.empty(scales.shape, np.float64)
    chosen = draw.words(x.size).reshape(x.shape)
    for i in np.ndindex(*x.shape):
        key = float(scales[i]), int(zeros[i])
        if key not in pools:
            pools[key] = quotients(draw, *key, x_dtype, y_dtype)
        x[i] = pools[key][int(chosen[i]) % len(pools[key])]
    largest = float_format(x_dtype).highest
    return floats(np.where(np.isinf(x), x, np.clip(x, -largest, largest)), x_dtype)


def quantize_opset(y_dtype: str, x_dtype: str, turn: int) -> int:
    """An opset that knows the types, another at every turn."""
    bits = format_of(y_dtype).bits
    if bits == 2:
        return 25
    if y_dtype == "float4e2m1":
        return (23, 24, 25)[turn % 3]
    if bits != 8:
        return (21, 23, 24, 25)[turn % 4]
    if y_dtype in FLOAT8 or x_dtype != "float32":
        return (19, 21, 23, 24, 25)[turn % 5]
    return (13, 19, 21, 23, 24, 25)[turn % 6]


def quantize() -> Iterator[Case]:
    """QuantizeLinear to every type in every granularity, the types of x, the opsets and precisions by turns."""
    draw = Draw("paths-quantize")
    for i, y_dtype in enumerate((*INTEGERS, *NARROW_FLOATS)):
        for j, (shape, axis, size) in enumerate(GRANULARITIES):
            for turn in (0, 1) if y_dtype in INTEGERS else (j % 2,):
                x_dtype = ("float32", "float16", "bfloat16")[(i + j + turn) % 3]
                opset = quantize_opset(y_dtype, x_dtype, i + 2 * j + 3 * turn)
                opset = max(opset, 21) if size else opset
                s = some_scales(draw, scales_of(shape, axis, size), x_dtype)
                format = format_of(y_dtype)
                zeros = np.zeros(s.shape, np.int64)
                if isinstance(format, Integer):
                    zeros = draw.edges(format.lowest, format.highest, s.shape)
                steps, centres = (spread_to(values, shape, axis, size) for values in (decode(s), zeros))
                x = mixed(draw, steps, centres, x_dtype, y_dtype)
                attributes = {"axis": axis} if len(shape) > 1 else {}
                attributes |= {"block_size": size} if size else {}
                attributes |= {"saturate": 0} if y_dtype in NARROW_FLOATS and (i + j // 2) % 2 else {}
                flags = ["tie", "saturation", "infinity", *granularity_flags(shape, axis, size)]
                asked = ("", "float32", "float16", "bfloat16")[(i + j) % 4] if opset >= 23 and turn else ""
                if asked:
                    attributes["precision"] = NUMBER[asked]
                    flags.append("precision")
                flags += ["float8"] if y_dtype in FLOAT8 else ["float4"] if y_dtype == "float4e2m1" else []
                requirements = ("QREF-QD-003", "QREF-QD-005", "QREF-QD-007" if size else "QREF-QD-006")
                comment = f"{y_dtype} of {list(shape)}: ties, both ends and far beyond under the scale of each slice"
                inputs = (x, s, tensor(zeros, y_dtype))
                yield quantize_linear.make("every-path", opset, inputs, requirements, flags, comment, attributes)


def quantize_int32() -> Iterator[Case]:
    """QuantizeLinear of int32 in every granularity."""
    draw = Draw("paths-quantize-int32")
    for j, (shape, axis, size) in enumerate(GRANULARITIES):
        y_dtype = ("int8", "uint8", "int16", "uint4", "int4", "uint16", "uint8", "int8")[j]
        opset = (10, 13, 13, 23, 24, 25, 23, 24)[j]
        y_dtype = y_dtype if opset >= 23 else ("int8", "uint8")[j % 2]
        format = format_of(y_dtype)
        assert isinstance(format, Integer)
        count = scales_of(shape, axis, size)
        # small odd multiples of powers of two: the ties are integers, and a reciprocal misses them
        odd = np.asarray(np.array([1.0, 3.0, 5.0, 7.0, 11.0])[draw.integers(0, 4, count)])
        values = np.array(np.ldexp(odd, draw.integers(1, 16, count)))
        values.flat[0] = 0.5  # the ends of int32 over it leave int32
        s = floats(values, "float32")
        zeros = draw.edges(format.lowest, format.highest, count)
        step = spread_to(decode(s), shape, axis, size)
        k = draw.integers(-150, 150, shape)
        x = np.clip(
            np.floor((k + 0.5) * step).astype(np.int64) + draw.integers(-1, 1, shape) * draw.integers(0, 1, shape),
            -(2**31),
            2**31 - 1,
        )
        x = np.where(draw.integers(0, 15, shape) == 0, np.where(k < 0, -(2**31), 2**31 - 1), x)
        attributes = {"axis": axis} if opset >= 13 and len(shape) > 1 else {}
        attributes |= {"block_size": size} if size else {}
        flags = ["int32-input", "int32-precision", "saturation", *granularity_flags(shape, axis, size)]
        requirements = ("QREF-QD-011", "QREF-QD-007" if size else "QREF-QD-006")
        comment = f"int32 x {list(shape)}: next to ties and the ends of int32 under the scale of each slice"
        inputs = (tensor(x, "int32"), s, tensor(zeros, y_dtype))
        yield quantize_linear.make("every-path", opset, inputs, requirements, flags, comment, attributes)


def dequantize() -> Iterator[Case]:
    """DequantizeLinear of every type in every granularity, the types of scale and output by turns."""
    draw = Draw("paths-dequantize")
    types = ("float32", "float16", "bfloat16")
    for i, x_dtype in enumerate((*INTEGERS, *NARROW_FLOATS, "int32")):
        for j, (shape, axis, size) in enumerate(GRANULARITIES):
            s_dtype = types[(i + j) % 3]
            opset = quantize_opset("int8" if x_dtype == "int32" else x_dtype, s_dtype, i + 2 * j)
            opset = max(opset, 21) if size else opset
            asked = types[(i + 2 * j) % 3] if opset >= 23 and j % 2 else ""
            format = format_of(x_dtype)
            count = scales_of(shape, axis, size)
            # float16 holds the difference of 16-bit codes only where it stays below 65504
            wide = x_dtype in ("int16", "uint16", "int32") and "float16" in (s_dtype, asked)
            s = floats(draw.float32(-9, -5, count).astype(np.float64), s_dtype)
            zeros = np.zeros(count, np.int64)
            if isinstance(format, Integer):
                lowest, highest = (-9000, 9000) if wide and format.signed else (format.lowest, format.highest)
                highest = 9000 if wide else highest
                x = draw.edges(max(lowest, -(2**31)), highest, shape)
                zeros = draw.edges(lowest, highest, count) if x_dtype != "int32" else zeros
            else:
                x = draw.integers(0, (1 << format.bits) - 1, shape)
            attributes = {"axis": axis} if len(shape) > 1 else {}
            attributes |= {"block_size": size} if size else {}
            flags = granularity_flags(shape, axis, size)
            if asked:
                attributes["output_dtype"] = NUMBER[asked]
                flags.append("output-dtype")
            flags += ["float8"] if x_dtype in FLOAT8 else ["float4"] if x_dtype == "float4e2m1" else []
            flags += ["int32-input"] if x_dtype == "int32" else []
            requirements = ("QREF-QD-015", "QREF-QD-016")
            comment = f"{x_dtype} {list(shape)}: the scale and zero point of each slice"
            inputs = (tensor(x, x_dtype), s, *((tensor(zeros, x_dtype),) if x_dtype != "int32" or j % 2 else ()))
            yield dequantize_linear.make("every-path", opset, inputs, requirements, flags, comment, attributes)


# x, w, attributes; what each is after follows from them
WIDE: tuple[tuple[str, tuple[int, ...], tuple[int, ...], dict[str, Any]], ...] = (
    ("wide-pointwise", (2, 20, 3, 5), (35, 20, 1, 1), {}),
    ("wide-pointwise", (1, 33, 5, 5), (17, 33, 1, 1), {"strides": [2, 2]}),
    ("wide-pointwise", (2, 18, 2, 3), (34, 18, 1, 1), {"pads": [1, 0, 1, 1]}),
    ("wide-kernel", (2, 17, 4, 3), (18, 17, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("wide-kernel", (2, 16, 6, 7), (17, 16, 3, 3), {"pads": [2, 2, 2, 2], "strides": [2, 2], "dilations": [2, 2]}),
    ("wide-kernel", (1, 4, 1, 70), (9, 4, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("wide-kernel", (1, 8, 5, 5), (16, 8, 3, 3), {"strides": [2, 2], "pads": [0, 0, 1, 1]}),
    ("wide-kernel", (1, 32, 3, 3), (33, 32, 2, 2), {"pads": [1, 1, 0, 1]}),
    ("wide-group", (2, 18, 2, 5), (34, 9, 1, 1), {"group": 2}),
    ("wide-group", (2, 34, 3, 3), (34, 17, 2, 2), {"group": 2, "pads": [0, 1, 1, 0]}),
    ("wide-group", (2, 32, 4, 4), (32, 8, 3, 3), {"group": 4, "pads": [1, 1, 1, 1], "strides": [2, 2]}),
    ("wide-depthwise", (2, 35, 3, 3), (35, 1, 3, 3), {"group": 35, "pads": [1, 1, 1, 1]}),
    ("wide-depthwise", (2, 33, 4, 5), (33, 1, 3, 3), {"group": 33, "pads": [1, 1, 1, 1], "strides": [2, 2]}),
    ("wide-depthwise", (1, 32, 4, 5), (32, 1, 3, 3), {"group": 32, "pads": [2, 2, 2, 2], "dilations": [2, 2]}),
    ("wide-depthwise", (1, 17, 5, 6), (17, 1, 3, 2), {"group": 17, "strides": [1, 2]}),
    ("wide-depthwise", (1, 17, 6, 5), (17, 1, 2, 3), {"group": 17, "strides": [2, 1]}),
    ("wide-depthwise", (1, 17, 4, 4), (34, 1, 3, 3), {"group": 17, "pads": [1, 0, 0, 1]}),
    ("wide-same", (2, 17, 5, 6), (16, 17, 2, 4), {"auto_pad": "SAME_LOWER", "strides": [1, 2]}),
    ("wide-same", (2, 17, 6, 5), (16, 17, 4, 2), {"auto_pad": "SAME_UPPER", "strides": [2, 1]}),
    ("wide-same", (2, 4, 5, 5), (8, 2, 2, 2), {"auto_pad": "SAME_UPPER", "group": 2}),
    ("wide-valid", (2, 9, 5, 4), (17, 9, 2, 3), {"auto_pad": "VALID"}),
    ("wide-one-d", (2, 18, 19), (33, 18, 3), {"pads": [2, 1], "dilations": [2]}),
    ("wide-three-d", (2, 16, 3, 3, 3), (17, 16, 2, 2, 2), {"pads": [1, 0, 1, 0, 1, 0], "strides": [1, 2, 1]}),
    ("wide-three-d", (1, 5, 4, 3, 3), (9, 5, 2, 2, 2), {"dilations": [3, 1, 2]}),
)


def shape_of(slug: str, x: tuple[int, ...], w: tuple[int, ...], attributes: dict[str, Any]) -> Shape:
    """A geometry with the flags that its numbers bring."""
    pads, auto_pad = attributes.get("pads", []), attributes.get("auto_pad", "NOTSET")
    n = len(x) - 2
    flags = {
        "batch": x[0] > 1,
        "group": "group" in attributes,
        "depthwise": "group" in attributes and w[1] == 1,
        "stride": "strides" in attributes,
        "dilation": "dilations" in attributes,
        "padding": bool(pads) or auto_pad.startswith("SAME"),
        "asymmetric-pads": pads[:n] != pads[n:] or len(set(pads)) > 1,
        "same-upper": auto_pad == "SAME_UPPER",
        "same-lower": auto_pad == "SAME_LOWER",
        "even-kernel": all(k % 2 == 0 for k in w[2:]),
        "valid": auto_pad == "VALID",
        "one-dimensional": n == 1,
        "three-dimensional": n == 3,
    }
    requirement = "QREF-IO-004" if auto_pad == "NOTSET" else "QREF-IO-007"
    return Shape(slug, x, w, attributes, tuple(flag for flag, held in flags.items() if held), (requirement,))


TIED = np.array([0.5, 1.5, 0.75, 0.25])


def near_zero(draw: Draw, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Zero points that leave room for three steps to either side."""
    lowest, highest = ends(dtype)
    return draw.edges(lowest + 3, highest - 3, shape)


def settled(sums: NDArray[Any], along: int, draw: Draw) -> NDArray[np.float64]:
    """One scale a slice of `sums` along an axis, so that half of the slice fills the output and some of it saturates.

    By turns a power of two, whose quotients have ties, and a number with all its bits.
    """
    apart = np.moveaxis(sums, along, 0)
    apart = apart.reshape(len(apart), -1)
    size = max(apart.shape[1], 1)
    found = np.empty(len(apart))
    for i, row in enumerate(apart):
        bits = (int(np.abs(row).sum()) // size).bit_length()
        mantissa = 1.0 if i % 2 == 0 else float(draw.float32(0, 0))
        found[i] = np.ldexp(mantissa, 6 - bits)
    return found


def convolutions() -> Iterator[Case]:
    """Convolutions with more channels than a register has lanes, w's zero points and scales one a channel.

    Once with operands from the whole range, and once with operands next to their zero points: their small sums times
    1/2, 3/2, 3/4 or 1/4 are ties every other time.
    """
    draw = Draw("paths-convolution")
    for i, row in enumerate(WIDE):
        shape = shape_of(*row)
        for j in (0, 1):
            x_dtype, w_dtype = TYPES[(i + 2 * j + i // 4) % 4]
            M = shape.w[0]
            if j:
                zero_x, zero_w = int(near_zero(draw, x_dtype, ())), near_zero(draw, w_dtype, (M,))
                x = tensor(zero_x + draw.integers(-3, 3, shape.x), x_dtype)
                w = tensor(zero_w.reshape([-1] + [1] * (len(shape.w) - 1)) + draw.integers(-3, 3, shape.w), w_dtype)
            else:
                zero_x, zero_w = draw_one(draw, x_dtype), draw.edges(*ends(w_dtype), (M,))
                x = tensor(draw.edges(*ends(x_dtype), shape.x), x_dtype)
                w = tensor(draw.edges(*ends(w_dtype), shape.w), w_dtype)
            flags = (*shape.flags, "per-channel", "zero-point", *(("mixed-sign",) if x_dtype != w_dtype else ()))
            operands = (x, w, tensor(zero_x, x_dtype), tensor(zero_w, w_dtype))
            requirements = (*shape.requirements, "QREF-IO-009", "QREF-IO-005", "QREF-IO-003")
            found = convolution.conv_integer(shape.slug, operands, shape, flags, requirements)
            yield found
            sums = found.outputs[0].data.astype(np.int64)
            w_scale = TIED[np.arange(M) % len(TIED)] if j else settled(sums, 1, draw)
            bias = draw.integers(-15, 15, (M,)) if j and i % 3 else None
            y_dtype = other(x_dtype) if j and i % 4 == 1 else x_dtype
            zero_y = 0 if y_dtype == "int8" and (i + j) % 2 else draw_one(draw, y_dtype) | 1
            flags += ("tie", "saturation")
            yield convolution.q_linear_conv(
                shape.slug, x, w, zero_x, zero_w, (0.5, w_scale, 0.5), y_dtype, zero_y, bias, shape, flags,
                (*requirements, "QREF-RQ-004", "QREF-RQ-005"),
            )  # fmt: skip


PRODUCTS: tuple[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[str, ...]], ...] = (
    ((5, 40), (40, 19), (5,), (19,), ()),
    ((3, 130), (130, 34), (), (34,), ()),
    ((19, 16), (16, 9), (19,), (), ()),
    ((2, 3, 33), (2, 33, 18), (2, 3, 1), (2, 1, 18), ("batch",)),
    ((2, 1, 2, 20), (2, 20, 17), (2, 1, 2, 1), (2, 1, 17), ("batch", "broadcast")),
    ((17, 33), (2, 33, 3), (17,), (2, 1, 3), ("batch", "broadcast")),
    ((2, 5, 66), (66, 9), (2, 5, 1), (9,), ("batch", "broadcast")),
    ((34,), (34, 35), (), (35,), ("vector-operand",)),
    ((35, 34), (34,), (35,), (), ("vector-operand",)),
    ((2, 3, 9), (9,), (2, 3, 1), (), ("batch", "vector-operand")),
    ((9,), (2, 9, 5), (), (2, 1, 5), ("batch", "vector-operand")),
    ((2, 20), (20, 77), (), (), ()),
    ((131, 4), (4, 3), (), (3,), ()),
)


def products() -> Iterator[Case]:
    """Products longer, taller and wider than a register, zero points and scales by row and by column."""
    draw = Draw("paths-product")
    for i, (a_shape, b_shape, by_row, by_column, shape_flags) in enumerate(PRODUCTS):
        for j in (0, 1):
            a_dtype, b_dtype = TYPES[(i + 2 * j + i // 4) % 4]
            if j:
                zero_a, zero_b = near_zero(draw, a_dtype, by_row), near_zero(draw, b_dtype, by_column)
                rows = zero_a.reshape(-1, 1) if len(by_row) == 1 else zero_a
                a = tensor(rows + draw.integers(-3, 3, a_shape), a_dtype)
                b = tensor(zero_b + draw.integers(-3, 3, b_shape), b_dtype)
            else:
                zero_a, zero_b = draw.edges(*ends(a_dtype), by_row), draw.edges(*ends(b_dtype), by_column)
                a = tensor(draw.edges(*ends(a_dtype), a_shape), a_dtype)
                b = tensor(draw.edges(*ends(b_dtype), b_shape), b_dtype)
            flags = [
                *shape_flags,
                "zero-point",
                *(["per-row"] if by_row else []),
                *(["per-column"] if by_column else []),
            ]
            flags += ["mixed-sign"] if a_dtype != b_dtype else []
            comment = f"{list(a_shape)} times {list(b_shape)}, zero points {list(by_row)} and {list(by_column)}"
            requirements = ("QREF-IO-013", "QREF-IO-014", "QREF-IO-003")
            operands = (a, b, tensor(zero_a, a_dtype), tensor(zero_b, b_dtype))
            yield matrix_product.product("wide", operands, flags, requirements, comment)
            sums = mat_mul_integer(*operands).data.astype(np.int64)
            largest = max(int(np.abs(sums).sum()) // max(sums.size, 1), 1).bit_length()
            count = np.arange(int(np.prod(by_column, dtype=int))).reshape(by_column)
            along = TIED[(count + 1) % 3] if j else np.where(count % 2 == 0, 1.0, 1.25)
            scales = (np.ldexp(1.0, draw.integers(-1, 0, by_row)), along, 1.0 if j else 2.0 ** (largest - 6))
            y_dtype = other(a_dtype) if j and i % 4 == 1 else a_dtype
            zero_y = 0 if y_dtype == "int8" and (i + j) % 2 else draw_one(draw, y_dtype) | 1
            # next to the lower end, so that half of the row saturates
            zero_y = zero_y if by_row or by_column else ends(y_dtype)[0] + 1
            yield matrix_product.requantized(
                "wide", a, b, (zero_a, zero_b, zero_y), scales, y_dtype, [*flags, "tie", "saturation"],
                (*requirements, "QREF-IO-015", "QREF-RQ-004"), comment, (10, 21)[(i + j) % 2],
            )  # fmt: skip
