"""Cases of ConvInteger and QLinearConv for the suite `onnx-quantized`: each geometry in both."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.formats import Integer, format_of
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.scales import REACH, TIED, chosen, decimal, drawn

SUITE = "onnx-quantized"
TYPES = (("uint8", "int8"), ("int8", "int8"), ("uint8", "uint8"), ("int8", "uint8"))


@dataclass(frozen=True)
class Shape:
    """A geometry: shapes of x and w, attributes, and what it is after."""

    slug: str
    x: tuple[int, ...]
    w: tuple[int, ...]
    attributes: dict[str, Any]
    flags: tuple[str, ...]
    requirements: tuple[str, ...] = ("QREF-IO-004",)
    comment: str = field(default="")


def _pad(*pads: int) -> dict[str, Any]:
    return {"pads": list(pads)}


GEOMETRIES: tuple[Shape, ...] = (
    Shape("plain", (1, 2, 4, 5), (3, 2, 2, 3), {}, (), comment="no attribute at all"),
    Shape("one-by-one", (2, 5, 3, 3), (4, 5, 1, 1), {}, ("batch",), comment="1×1 over several channels"),
    Shape("batch", (3, 2, 4, 4), (2, 2, 3, 3), {}, ("batch",), comment="three images"),
    Shape("padding", (1, 2, 4, 4), (2, 2, 3, 3), _pad(1, 1, 1, 1), ("padding",), ("QREF-IO-005", "QREF-IO-006")),
    Shape("padding", (1, 3, 5, 3), (2, 3, 3, 3), _pad(1, 1, 1, 1), ("padding",), ("QREF-IO-005", "QREF-IO-006")),
    Shape("padding", (2, 1, 3, 4), (1, 1, 5, 5), _pad(2, 2, 2, 2), ("padding",), ("QREF-IO-005", "QREF-IO-006")),
    Shape("one-side", (1, 2, 4, 4), (2, 2, 3, 3), _pad(0, 0, 2, 1), ("padding", "asymmetric-pads"), ("QREF-IO-006",)),
    Shape("one-side", (1, 2, 4, 4), (2, 2, 3, 3), _pad(2, 1, 0, 0), ("padding", "asymmetric-pads"), ("QREF-IO-006",)),
    Shape("four-pads", (1, 2, 5, 4), (2, 2, 3, 2), _pad(0, 1, 2, 3), ("padding", "asymmetric-pads"), ("QREF-IO-006",)),
    Shape("four-pads", (1, 1, 3, 6), (2, 1, 2, 3), _pad(3, 0, 1, 2), ("padding", "asymmetric-pads"), ("QREF-IO-006",)),
    Shape("four-pads", (1, 2, 4, 4), (2, 2, 3, 3), _pad(1, 2, 0, 1), ("padding", "asymmetric-pads"), ("QREF-IO-006",)),
    Shape("pads-by-axis", (1, 2, 4, 4), (2, 2, 3, 3), _pad(2, 0, 2, 0), ("padding", "asymmetric-pads"), ("QREF-IO-006",)),
    Shape("pads-by-axis", (1, 2, 3, 5), (2, 2, 3, 3), _pad(0, 2, 0, 2), ("padding", "asymmetric-pads"), ("QREF-IO-006",)),
    Shape("stride", (1, 2, 7, 7), (2, 2, 3, 3), {"strides": [2, 2]}, ("stride",)),
    Shape("stride", (1, 2, 6, 8), (2, 2, 3, 3), {"strides": [2, 2]}, ("stride",), comment="the last window ends early"),
    Shape("stride", (1, 2, 7, 9), (2, 2, 2, 3), {"strides": [1, 3]}, ("stride",), comment="one stride a dimension"),
    Shape("stride", (1, 2, 9, 7), (2, 2, 3, 2), {"strides": [3, 1]}, ("stride",), comment="one stride a dimension"),
    Shape("stride", (1, 2, 8, 8), (2, 2, 3, 3), {"strides": [1, 2]}, ("stride",), comment="a square image, one stride a dimension"),
    Shape("stride-pad", (2, 2, 6, 5), (3, 2, 3, 3), {"strides": [2, 2], **_pad(1, 1, 1, 1)}, ("stride", "padding", "batch")),
    Shape("stride-pad", (1, 3, 7, 6), (2, 3, 3, 3), {"strides": [2, 3], **_pad(1, 0, 1, 2)}, ("stride", "padding", "asymmetric-pads")),
    Shape("dilation", (1, 2, 6, 6), (2, 2, 2, 2), {"dilations": [2, 2]}, ("dilation",)),
    Shape("dilation", (1, 2, 7, 8), (2, 2, 3, 2), {"dilations": [1, 3]}, ("dilation",)),
    Shape("dilation", (1, 2, 8, 8), (2, 2, 3, 3), {"dilations": [3, 1]}, ("dilation",), comment="a square image, one dilation a dimension"),
    Shape("dilation", (1, 2, 8, 8), (2, 2, 3, 3), {"dilations": [2, 2], "strides": [1, 2]}, ("dilation", "stride")),
    Shape("dilation", (1, 2, 9, 9), (2, 2, 3, 3), {"dilations": [1, 2], "strides": [2, 1]}, ("dilation", "stride"), comment="stride and dilation trade places"),
    Shape("dilation-pad", (1, 2, 5, 5), (2, 2, 3, 3), {"dilations": [2, 2], **_pad(2, 2, 2, 2)}, ("dilation", "padding"), ("QREF-IO-004", "QREF-IO-005")),
    Shape("dilation-pad", (1, 1, 4, 6), (2, 1, 2, 3), {"dilations": [3, 2], "strides": [2, 1], **_pad(1, 2, 2, 0)}, ("dilation", "padding", "stride", "asymmetric-pads")),
    Shape("group", (1, 4, 4, 4), (4, 2, 3, 3), {"group": 2}, ("group",)),
    Shape("group", (2, 6, 3, 3), (3, 2, 2, 2), {"group": 3}, ("group", "batch")),
    Shape("group", (1, 6, 4, 3), (4, 3, 3, 2), {"group": 2, **_pad(1, 1, 1, 1)}, ("group", "padding")),
    Shape("group", (1, 4, 5, 5), (6, 2, 3, 3), {"group": 2, "strides": [2, 2]}, ("group", "stride")),
    Shape("depthwise", (1, 4, 4, 4), (4, 1, 3, 3), {"group": 4, **_pad(1, 1, 1, 1)}, ("group", "depthwise", "padding")),
    Shape("depthwise", (1, 3, 5, 4), (6, 1, 3, 3), {"group": 3}, ("group", "depthwise"), comment="two output channels an input channel"),
    Shape("depthwise", (2, 3, 5, 5), (3, 1, 2, 2), {"group": 3, "strides": [2, 2], "dilations": [2, 1]}, ("group", "depthwise", "stride", "dilation")),
    Shape("same-upper", (1, 2, 5, 5), (2, 2, 3, 3), {"auto_pad": "SAME_UPPER"}, ("padding",), ("QREF-IO-007",)),
    Shape("same-upper", (1, 2, 5, 6), (2, 2, 2, 2), {"auto_pad": "SAME_UPPER"}, ("same-upper", "even-kernel", "padding"), ("QREF-IO-007",)),
    Shape("same-upper", (1, 2, 5, 6), (2, 2, 4, 2), {"auto_pad": "SAME_UPPER"}, ("same-upper", "even-kernel", "padding"), ("QREF-IO-007",)),
    Shape("same-upper", (1, 2, 6, 6), (2, 2, 3, 3), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}, ("same-upper", "stride", "padding"), ("QREF-IO-007",)),
    Shape("same-upper", (1, 1, 7, 8), (2, 1, 3, 2), {"auto_pad": "SAME_UPPER", "strides": [3, 2]}, ("same-upper", "stride", "padding"), ("QREF-IO-007",)),
    Shape("same-upper", (1, 2, 6, 5), (2, 2, 3, 2), {"auto_pad": "SAME_UPPER", "dilations": [2, 3]}, ("same-upper", "dilation", "padding"), ("QREF-IO-007", "QREF-IO-008")),
    Shape("same-lower", (1, 2, 5, 5), (2, 2, 3, 3), {"auto_pad": "SAME_LOWER"}, ("padding",), ("QREF-IO-007",)),
    Shape("same-lower", (1, 2, 5, 6), (2, 2, 2, 2), {"auto_pad": "SAME_LOWER"}, ("same-lower", "even-kernel", "padding"), ("QREF-IO-007",)),
    Shape("same-lower", (1, 2, 6, 5), (2, 2, 2, 4), {"auto_pad": "SAME_LOWER"}, ("same-lower", "even-kernel", "padding"), ("QREF-IO-007",)),
    Shape("same-lower", (1, 2, 6, 6), (2, 2, 3, 3), {"auto_pad": "SAME_LOWER", "strides": [2, 2]}, ("same-lower", "stride", "padding"), ("QREF-IO-007",)),
    Shape("same-lower", (1, 2, 5, 6), (2, 2, 2, 3), {"auto_pad": "SAME_LOWER", "dilations": [3, 2]}, ("same-lower", "dilation", "padding"), ("QREF-IO-007", "QREF-IO-008")),
    Shape("same-no-pad", (1, 1, 6, 6), (1, 1, 1, 1), {"auto_pad": "SAME_UPPER", "strides": [3, 2]}, ("stride-exceeds-kernel",), ("QREF-IO-007",), "SAME asks for less than nothing: no padding"),
    Shape("valid", (1, 2, 5, 6), (2, 2, 3, 2), {"auto_pad": "VALID"}, ("valid",), ("QREF-IO-007",)),
    Shape("valid", (1, 2, 7, 6), (2, 2, 3, 3), {"auto_pad": "VALID", "strides": [2, 2]}, ("valid", "stride"), ("QREF-IO-007",)),
    Shape("even-kernel", (1, 2, 4, 4), (2, 2, 2, 2), _pad(1, 1, 1, 1), ("even-kernel", "padding"), ("QREF-IO-006",)),
    Shape("pad-exceeds-kernel", (1, 2, 2, 2), (2, 2, 2, 2), _pad(3, 3, 3, 3), ("pad-exceeds-kernel", "padding"), ("QREF-IO-006", "QREF-IO-005")),
    Shape("pad-exceeds-kernel", (1, 1, 1, 1), (2, 1, 1, 1), _pad(2, 1, 1, 2), ("pad-exceeds-kernel", "padding", "asymmetric-pads"), ("QREF-IO-006",)),
    Shape("stride-exceeds-kernel", (1, 2, 8, 7), (2, 2, 2, 1), {"strides": [3, 2]}, ("stride-exceeds-kernel", "stride")),
    Shape("stride-exceeds-kernel", (1, 1, 9, 9), (2, 1, 1, 2), {"strides": [4, 3], **_pad(0, 1, 0, 1)}, ("stride-exceeds-kernel", "stride", "padding")),
    Shape("dilation-exceeds-image", (1, 1, 3, 3), (2, 1, 2, 2), {"dilations": [4, 4], **_pad(3, 3, 3, 3)}, ("dilation", "padding", "pad-exceeds-kernel")),
    Shape("kernel-shape", (1, 2, 4, 5), (2, 2, 2, 3), {"kernel_shape": [2, 3]}, (), comment="kernel_shape written out"),
    Shape("one-pixel", (1, 3, 1, 1), (2, 3, 1, 1), {}, (), comment="one pixel"),
    Shape("one-window", (1, 2, 3, 4), (2, 2, 3, 4), {}, (), comment="the kernel as large as the image"),
    Shape("one-d", (2, 3, 7), (4, 3, 3), {}, ("one-dimensional", "batch")),
    Shape("one-d", (1, 2, 8), (2, 2, 3), {"strides": [2], **_pad(1, 2)}, ("one-dimensional", "stride", "padding", "asymmetric-pads")),
    Shape("one-d", (1, 4, 9), (4, 2, 2), {"dilations": [3], "group": 2, **_pad(0, 2)}, ("one-dimensional", "dilation", "group", "padding")),
    Shape("one-d", (1, 2, 6), (2, 2, 4), {"auto_pad": "SAME_LOWER"}, ("one-dimensional", "same-lower", "even-kernel", "padding"), ("QREF-IO-007",)),
    Shape("one-d", (1, 2, 6), (2, 2, 4), {"auto_pad": "SAME_UPPER"}, ("one-dimensional", "same-upper", "even-kernel", "padding"), ("QREF-IO-007",)),
    Shape("three-d", (1, 2, 3, 4, 3), (2, 2, 2, 3, 2), {}, ("three-dimensional",)),
    Shape("three-d", (1, 2, 4, 3, 5), (2, 2, 2, 2, 3), {"strides": [2, 1, 2], **_pad(1, 0, 1, 0, 1, 2)}, ("three-dimensional", "stride", "padding", "asymmetric-pads")),
    Shape("three-d", (1, 2, 4, 4, 4), (4, 1, 2, 2, 2), {"group": 2, "dilations": [1, 2, 3]}, ("three-dimensional", "group", "dilation")),
    Shape("three-d", (1, 1, 3, 4, 3), (2, 1, 2, 2, 2), {"auto_pad": "SAME_LOWER"}, ("three-dimensional", "same-lower", "even-kernel", "padding"), ("QREF-IO-007",)),
    Shape("many-channels", (1, 37, 2, 2), (3, 37, 2, 2), {}, (), comment="a reduction of 148 elements, no multiple of 8"),
    Shape("many-channels", (1, 67, 2, 2), (5, 67, 1, 1), {}, (), comment="a reduction of 67 elements"),
    Shape("zero-batch", (0, 2, 3, 3), (2, 2, 2, 2), {}, ("zero-size",), ("QREF-IO-012",), "no image"),
    Shape("empty-image", (1, 2, 0, 0), (2, 2, 2, 2), _pad(1, 2, 1, 1), ("zero-size", "padding", "pad-exceeds-kernel"), ("QREF-IO-012", "QREF-IO-005"), "an image without pixels: windows of padding alone"),
    Shape("same-no-pad", (1, 2, 7, 6), (1, 2, 2, 1), {"auto_pad": "SAME_LOWER", "strides": [5, 3]}, ("stride-exceeds-kernel",), ("QREF-IO-007",), "SAME asks for less than nothing: no padding"),
)  # fmt: skip


def cases() -> Iterator[Case]:
    """All cases of ConvInteger and QLinearConv."""
    yield from geometries()
    yield from ends_of_types()
    yield from pair_sums()
    yield from weights_per_channel()
    yield from absent_zero_points()
    yield from large_sums()
    yield from odd_biases()
    yield from chosen_accumulators()
    yield from long_rows()
    yield from empty_outputs()
    yield from errors()


def ends(dtype: str) -> tuple[int, int]:
    """Lowest and highest value of an integer format."""
    format = format_of(dtype)
    assert isinstance(format, Integer)
    return format.lowest, format.highest


def other(dtype: str) -> str:
    """The 8-bit type of the other signedness."""
    return "uint8" if dtype == "int8" else "int8"


def conv_integer(
    slug: str, operands: tuple[Tensor | None, ...], shape: Shape, flags: tuple[str, ...], requirements: tuple[str, ...]
) -> Case:
    """A case of ConvInteger."""
    request = ask("ConvInteger", 10, operands, shape.attributes)
    return judged(SUITE, slug, request, requirements, tuple(dict.fromkeys(flags)), shape.comment or _words(shape))


def _words(shape: Shape) -> str:
    text = ", ".join(f"{name} {value}" for name, value in sorted(shape.attributes.items()))
    return f"x {list(shape.x)}, w {list(shape.w)}" + (f", {text}" if text else "")


def q_linear_conv(
    slug: str,
    x: Tensor,
    w: Tensor,
    zero_x: int,
    zero_w: NDArray[Any] | int,
    scales: tuple[float, NDArray[Any] | float, float],
    y_dtype: str,
    zero_y: int,
    bias: NDArray[Any] | None,
    shape: Shape,
    flags: tuple[str, ...],
    requirements: tuple[str, ...],
    comment: str = "",
) -> Case:
    """A case of QLinearConv."""
    inputs: tuple[Tensor | None, ...] = (
        x,
        tensor(scales[0], "float32"),
        tensor(zero_x, x.dtype),
        w,
        tensor(scales[1], "float32"),
        tensor(zero_w, w.dtype),
        tensor(scales[2], "float32"),
        tensor(zero_y, y_dtype),
    )
    inputs += () if bias is None else (tensor(bias, "int32"),)
    request = ask("QLinearConv", 10, inputs, shape.attributes)
    carried = dict.fromkeys((*flags, *(("bias",) if bias is not None else ()), *(("zero-point",) if zero_y else ())))
    text = comment or shape.comment or _words(shape)
    return judged(SUITE, slug, request, ("QREF-RQ-002", *requirements), tuple(carried), text)


def geometries() -> Iterator[Case]:
    """Every geometry, the operands of every type with zero points inside and at the ends of their types."""
    draw = Draw("convolution-geometries")
    for i, shape in enumerate(GEOMETRIES):
        for j in (0, 1):
            x_dtype, w_dtype = TYPES[(i + 2 * j + i // 4) % 4]
            x = tensor(draw.edges(*ends(x_dtype), shape.x), x_dtype)
            w = tensor(draw.edges(*ends(w_dtype), shape.w), w_dtype)
            at_ends = ends(x_dtype) if i % 3 == 0 else (draw_one(draw, x_dtype), draw_one(draw, x_dtype))
            zero_x, zero_w = at_ends[j], draw_one(draw, w_dtype)
            flags = (*shape.flags, "zero-point", *(("zero-point-ends",) if i % 3 == 0 else ()))
            flags += ("mixed-sign",) if x_dtype != w_dtype else ()
            requirements = (*shape.requirements, "QREF-IO-009", "QREF-IO-003")
            operands = (x, w, tensor(zero_x, x_dtype), tensor(zero_w, w_dtype))
            yield conv_integer(shape.slug, operands, shape, flags, requirements)
            # a scale that spreads the sums of the whole reduction over the output's range
            length = int(np.prod(shape.w[1:]))
            y_scale = float(np.float32(2.0 ** (5 + length.bit_length() // 2)))
            # most engines know y of x's type only: the other type comes with a fourth of the cases
            y_dtype = x_dtype if i % 4 or not j else other(x_dtype)
            bias = draw.integers(-5000, 5000, (shape.w[0],)) if (i + j) % 3 else None
            scales = (0.5, 0.25 if j else float(draw.float32(-2, -2)), y_scale)
            yield q_linear_conv(
                shape.slug, x, w, zero_x, zero_w, scales, y_dtype, draw_one(draw, y_dtype), bias, shape, flags,
                (*requirements, *(("QREF-IO-010",) if bias is not None else ())),
            )  # fmt: skip


def draw_one(draw: Draw, dtype: str) -> int:
    """One zero point, seldom zero."""
    lowest, highest = ends(dtype)
    found = int(draw.integers(lowest, highest, ()))
    return found if found else 3


def ends_of_types() -> Iterator[Case]:
    """Operands at the ends of their types under zero points at the other end: products of 9 bits each."""
    plain = GEOMETRIES[0]
    for x_dtype, w_dtype in TYPES:
        for x_end in (0, 1):
            for w_end in (0, 1):
                x = tensor(np.full(plain.x, ends(x_dtype)[x_end]), x_dtype)
                w = tensor(np.full(plain.w, ends(w_dtype)[w_end]), w_dtype)
                zero_x, zero_w = ends(x_dtype)[1 - x_end], ends(w_dtype)[1 - w_end]
                flags = ("range-ends", "zero-point-ends", *(("mixed-sign",) if x_dtype != w_dtype else ()))
                operands = (x, w, tensor(zero_x, x_dtype), tensor(zero_w, w_dtype))
                requirements = ("QREF-IO-001", "QREF-IO-009")
                yield conv_integer("range-ends", operands, plain, flags, requirements)
                scales = (0.5, 0.5, 2.0**11)
                yield q_linear_conv(
                    "range-ends", x, w, zero_x, zero_w, scales, x_dtype, 3, None, plain, flags, requirements
                )


def pair_sums() -> Iterator[Case]:
    """Neighbouring products whose sum leaves int16, along channels and along the kernel."""
    draw = Draw("convolution-pairs")
    for channels, kernel in ((8, 1), (2, 3), (16, 1), (5, 2)):
        shape = Shape("pair", (1, channels, 4, 4), (3, channels, kernel, kernel), {}, ())
        for x_dtype, w_dtype in TYPES:
            _, x_highest = ends(x_dtype)
            w_lowest, w_highest = ends(w_dtype)
            x = draw.integers(x_highest - 20, x_highest, shape.x)
            w = draw.integers(w_highest - 15, w_highest, shape.w)
            w[1] = draw.integers(w_lowest, w_lowest + 9, shape.w[1:])
            w[2, ::2] = w_lowest
            flags = ("pair-saturation", "range-ends", *(("mixed-sign",) if x_dtype != w_dtype else ()))
            operands = (tensor(x, x_dtype), tensor(w, w_dtype))
            yield conv_integer("pair-sums", operands, shape, flags, ("QREF-IO-001", "QREF-IO-003"))
            scales, zero_y = (0.5, 0.25, 2.0**13), 0 if x_dtype == "int8" else 128
            yield q_linear_conv(
                "pair-sums", *operands, 0, 0, scales, x_dtype, zero_y, np.array([0, 7, -9]), shape, flags,
                ("QREF-IO-001",),
            )  # fmt: skip
            if x_dtype == w_dtype == "int8":
                low = tensor(np.full(shape.x, -128), "int8"), tensor(np.full(shape.w, -128), "int8")
                flags = ("int16-wrap", "range-ends")
                yield conv_integer("int16-wrap", low, shape, flags, ("QREF-IO-001",))
                yield q_linear_conv("int16-wrap", *low, 0, 0, scales, "int8", 0, None, shape, flags, ("QREF-IO-001",))


def weights_per_channel() -> Iterator[Case]:
    """Zero points and scales of w one an output channel, with groups, depthwise, and in every number of dimensions."""
    draw = Draw("convolution-per-channel")
    slugs = ("padding", "group", "depthwise", "one-d", "three-d", "one-by-one")
    # a scale of shape [1] beside one output channel could be read either way
    shapes = [shape for shape in GEOMETRIES if shape.slug in slugs and shape.w[0] > 1]
    for i, shape in enumerate(shapes):
        x_dtype, w_dtype = TYPES[i % 4]
        x = tensor(draw.edges(*ends(x_dtype), shape.x), x_dtype)
        w = tensor(draw.edges(*ends(w_dtype), shape.w), w_dtype)
        M = shape.w[0]
        zero_w = draw.integers(*ends(w_dtype), (M,))
        zero_x = draw_one(draw, x_dtype)
        flags = (*shape.flags, "per-channel", "zero-point")
        operands = (x, w, tensor(zero_x, x_dtype), tensor(zero_w, w_dtype))
        yield conv_integer("per-channel", operands, shape, flags, ("QREF-IO-009",))
        for y_dtype in (x_dtype, other(x_dtype)):
            w_scale = draw.float32(-7, -1, (M,))
            bias = draw.integers(-20000, 20000, (M,))
            scales = (float(draw.float32(-4, -3)), w_scale, float(draw.float32(1, 3)))
            yield q_linear_conv(
                "per-channel", x, w, zero_x, zero_w, scales, y_dtype, draw_one(draw, y_dtype), bias, shape, flags,
                ("QREF-RQ-005", "QREF-IO-010"),
            )  # fmt: skip
            same = np.zeros(M, np.int64)
            yield q_linear_conv(
                "per-channel", x, w, zero_x, same, scales, y_dtype, 0, None, shape, flags, ("QREF-RQ-005",)
            )


def absent_zero_points() -> Iterator[Case]:
    """ConvInteger without one or both zero points."""
    draw = Draw("convolution-absent")
    for shape in (GEOMETRIES[0], GEOMETRIES[3], GEOMETRIES[26]):
        for x_dtype, w_dtype in TYPES:
            x = tensor(draw.edges(*ends(x_dtype), shape.x), x_dtype)
            w = tensor(draw.edges(*ends(w_dtype), shape.w), w_dtype)
            flags = (*shape.flags, "default-zero-point", *(("mixed-sign",) if x_dtype != w_dtype else ()))
            some = (None, tensor(draw_one(draw, w_dtype), w_dtype)), (tensor(draw_one(draw, x_dtype), x_dtype),), ()
            for zero_points in some:
                operands = (x, w, *zero_points)
                yield conv_integer("absent-zero-point", operands, shape, flags, ("QREF-IO-009", "QREF-IO-005"))


def large_sums() -> Iterator[Case]:
    """Accumulators above 2^24, up to int32's ends by the bias, and beyond them."""
    wide = Shape("wide", (1, 520, 1, 1), (2, 520, 1, 1), {}, ())
    x = tensor(np.full(wide.x, 255), "uint8")
    w = np.full(wide.w, 255)
    w[1, ::2], w[1, 1::2] = 254, 255
    w[0, 0] = 254
    operands = (x, tensor(w, "uint8"))
    flags = ("above-2^24", "range-ends")
    yield conv_integer("above-2-24", operands, wide, flags, ("QREF-IO-001",))
    for scale in (2.0**18, 2.0**19):
        yield q_linear_conv(
            "above-2-24", *operands, 0, 0, (1.0, 1.0, scale), "uint8", 0, None, wide, flags, ("QREF-RQ-001",)
        )
    one = Shape("bias", (1, 1, 1, 2), (4, 1, 1, 1), {}, ())
    x1, w1 = tensor([[[[255, 1]]]], "uint8"), tensor(np.array([1, -1, 127, -128]).reshape(one.w), "int8")
    inside = np.array([2**31 - 1 - 255, -(2**31) + 255, 2**24 + 1, -(2**24) - 1])
    for y_scale in (2.0**24, 2.0**25, 2.0**18):
        yield q_linear_conv(
            "large-bias", x1, w1, 0, 0, (1.0, 1.0, y_scale), "int8", 0, inside, one, ("above-2^24", "tie"),
            ("QREF-IO-010", "QREF-RQ-001"), "a bias that takes the accumulator to the ends of int32",
        )  # fmt: skip
    beyond = np.array([2**31 - 1, -(2**31), 2**31 - 100, -(2**31) + 100])
    for y_scale in (2.0**24, 2.0**26, 2.0**25):
        for zero_y in (0, 5):
            yield q_linear_conv(
                "accumulator-overflow", x1, w1, 0, 0, (1.0, 1.0, y_scale), "int8", zero_y, beyond, one,
                ("accumulator-overflow",), ("QREF-RQ-006",), "bias and products leave int32",
            )  # fmt: skip


def odd_biases() -> Iterator[Case]:
    """Biases that float32 does not hold, whose sum with the products it does, and is a tie."""
    sums = [s * ((2 * k + 1) << 17) for k in (64, 65, 70, 71, 100, 101) for s in (1, -1)]
    for product, y_scale in ((255, 2.0**18), (127, 2.0**18), (3, 2.0**18)):
        shape = Shape("bias", (1, 1, 1, 1), (len(sums), 1, 1, 1), {}, ())
        x, w = tensor(np.full(shape.x, product), "uint8"), tensor(np.ones(shape.w), "int8")
        yield q_linear_conv(
            "odd-bias", x, w, 0, 0, (1.0, 1.0, y_scale), "int8", 0, np.array(sums) - product, shape,
            ("above-2^24", "tie", "negative-tie"), ("QREF-IO-010", "QREF-RQ-004"),
            f"biases beyond 2^24 that are a tie minus {product}: in float32 the sum misses the tie",
        )  # fmt: skip


def chosen_accumulators() -> Iterator[Case]:
    """A 1×1 kernel over an image of zero points: the bias is the accumulator, and each channel has a chosen one."""
    requirements = {"tie-half-even": ("QREF-RQ-004", "QREF-RD-001"), "near-tie": ("QREF-RQ-008", "QREF-RQ-001")}
    for i, scales in enumerate((*TIED, *drawn(36), *decimal())):
        for y_dtype, zero_y in (("int8", 0), ("uint8", 128), ("int8", 3), ("uint8", 1)):
            if scales not in TIED and (i + len(y_dtype) + zero_y) % 2 == 0:
                continue
            slug, found, flags, comment = chosen(scales, zero_y, y_dtype)
            if not found:
                continue
            shape = Shape("bias", (1, 1, 1, 1), (len(found), 1, 1, 1), {}, ())
            x, w = tensor(np.full(shape.x, 5), y_dtype), tensor(np.ones(shape.w), "int8")
            yield q_linear_conv(
                slug, x, w, 5, 0, (scales.x, scales.w, scales.y), y_dtype, zero_y, np.array(found), shape, flags,
                requirements[slug], comment,
            )  # fmt: skip
    for scales in (TIED[0], TIED[2], decimal()[0]):
        for y_dtype, zero_y in (("int8", 0), ("uint8", 0), ("int8", -128), ("uint8", 255), ("int8", 127)):
            found = [int(v / scales.exact) for v in (*REACH, 10**6, -(10**6))]
            shape = Shape("bias", (1, 1, 1, 1), (len(found), 1, 1, 1), {}, ())
            x, w = tensor(np.full(shape.x, 5), y_dtype), tensor(np.ones(shape.w), "int8")
            flags = ("saturation", *(("zero-point-ends",) if zero_y in ends(y_dtype) and zero_y else ()))
            yield q_linear_conv(
                "saturation", x, w, 5, 0, (scales.x, scales.w, scales.y), y_dtype, zero_y, np.array(found), shape,
                flags, ("QREF-RQ-003", "QREF-RD-006"), "results at and beyond both ends",
            )  # fmt: skip


def long_rows() -> Iterator[Case]:
    """More output channels and more pixels than any vector register holds, every result a tie or next to one."""
    draw = Draw("convolution-long")
    for x_dtype in ("uint8", "int8"):
        for scale in (0.5, 0.375):
            M = 67
            shape = Shape("long", (1, 1, 1, 35), (M, 1, 1, 1), {}, ())
            x = tensor(draw.integers(*ends(x_dtype), shape.x), x_dtype)
            w = tensor(np.ones(shape.w) * (1 - 2 * (np.arange(M) % 2)).reshape(-1, 1, 1, 1), "int8")
            zero_x = 128 if x_dtype == "uint8" else 0
            bias = np.arange(M) - 33
            comment = "67 channels of 35 pixels: whole vectors and tails in either direction"
            yield q_linear_conv(
                "long-row", x, w, zero_x, 0, (scale, 1.0, 1.0), x_dtype, zero_x, bias, shape, ("tie", "negative-tie"),
                ("QREF-RQ-004",), comment,
            )  # fmt: skip
        wide = Shape("wide", (1, 19, 6, 7), (33, 19, 3, 3), {**_pad(1, 1, 1, 1)}, ("padding",))
        image = tensor(draw.edges(*ends(x_dtype), wide.x), x_dtype)
        kernel = tensor(draw.edges(-128, 127, wide.w), "int8")
        comment = "33 channels of 42 pixels, a reduction of 171"
        yield conv_integer(
            "wide", (image, kernel, tensor(7, x_dtype)), wide, ("padding", "zero-point"), ("QREF-IO-001",)
        )
        w_scale = draw.float32(-9, -7, (33,))
        bias = draw.integers(-9000, 9000, (33,))
        half = tensor(draw.integers(-60, 60, wide.w), "int8")
        yield q_linear_conv(
            "wide", image, half, 7, np.zeros(33, np.int64), (0.05, w_scale, 0.25), x_dtype, 9, bias, wide,
            ("padding", "per-channel"), ("QREF-RQ-005", "QREF-IO-010"), comment,
        )  # fmt: skip


def empty_outputs() -> Iterator[Case]:
    """No output channel."""
    shape = Shape("no-channel", (1, 2, 3, 3), (0, 2, 2, 2), {}, ("zero-size",))
    x, w = tensor(np.ones(shape.x), "uint8"), tensor(np.ones(shape.w), "int8")
    yield conv_integer("no-channel", (x, w), shape, ("zero-size",), ("QREF-IO-012",))


def errors() -> Iterator[Case]:
    """What the text rules out."""
    x, w = tensor(np.ones((1, 4, 4, 4)), "uint8"), tensor(np.ones((2, 4, 3, 3)), "int8")
    rows: list[tuple[str, Tensor, Tensor, dict[str, Any]]] = [
        ("4 channels in x, 3 in w", x, tensor(np.ones((2, 3, 3, 3)), "int8"), {}),
        ("group 2 with weights of 4 channels", x, w, {"group": 2}),
        ("group 2 does not divide 3 output channels", x, tensor(np.ones((3, 2, 3, 3)), "int8"), {"group": 2}),
        ("kernel_shape [2, 2] beside a 3×3 kernel", x, w, {"kernel_shape": [2, 2]}),
        ("x and w of different rank", x, tensor(np.ones((2, 4, 3)), "int8"), {}),
    ]
    for comment, image, kernel, attributes in rows:
        request = ask("ConvInteger", 10, (image, kernel), attributes)
        yield refused(SUITE, "error", request, ("QREF-IO-011",), ("error",), comment)
        one = tensor(1.0, "float32")
        inputs = (image, one, tensor(0, "uint8"), kernel, one, tensor(0, "int8"), one, tensor(0, "int8"))
        request = ask("QLinearConv", 10, inputs, attributes)
        yield refused(SUITE, "error", request, ("QREF-IO-011",), ("error",), comment)
    twice = {"auto_pad": "SAME_UPPER", "pads": [1, 1, 1, 1]}
    comment = "pads beside auto_pad, which cannot be used simultaneously"
    request = ask("ConvInteger", 10, (x, w), twice)
    yield refused(SUITE, "error", request, ("QREF-IO-011",), ("error",), comment)
    one = tensor(1.0, "float32")
    for length in (1, 3):
        inputs = (x, one, tensor(0, "uint8"), w, one, tensor(0, "int8"), one, tensor(0, "int8"))
        request = ask("QLinearConv", 10, (*inputs, tensor([7] * length, "int32")))
        comment = f"a bias of {length} for two output channels"
        yield refused(SUITE, "error", request, ("QREF-IO-010", "QREF-IO-011"), ("error",), comment)
    request = ask("ConvInteger", 10, (x, w, None, tensor([0, 0, 0], "int8")))
    yield refused(SUITE, "error", request, ("QREF-IO-011",), ("error",), "three zero points for two output channels")
