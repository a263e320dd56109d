"""Cases of Conv and ConvTranspose for the suite `onnx-float`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from qref.numerics.tensor import Tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, left_open, refused
from qref.vectors.generators.convolution import GEOMETRIES, Shape
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import DTYPES, HardSum, drawn, floats, hard_sums, narrow, whole

SUITE = "onnx-float"

# what the geometries of the integer operators are after, by their own requirement
REQUIREMENTS = {
    "QREF-IO-004": "QREF-FP-001",
    "QREF-IO-005": "QREF-FP-002",
    "QREF-IO-006": "QREF-FP-003",
    "QREF-IO-007": "QREF-FP-004",
    "QREF-IO-008": "QREF-FP-004",
    "QREF-IO-012": "QREF-FP-007",
}


def cases() -> Iterator[Case]:
    """All cases of Conv and ConvTranspose."""
    yield from geometries()
    yield from biases()
    yield from sums()
    yield from magnitudes()
    yield from specials()
    yield from opsets()
    yield from transposed()
    yield from transposed_opsets()
    yield from transposed_sums()
    yield from errors()


def opset_of(dtype: str) -> int:
    """The first opset whose text has the type and says what SAME means."""
    return 22 if dtype == "bfloat16" else 11


def make(
    op: str,
    slug: str,
    opset: int,
    inputs: tuple[Tensor, ...],
    attributes: dict[str, Any],
    requirements: tuple[str, ...],
    flags: tuple[str, ...],
    comment: str,
) -> Case:
    """A case; the flag of its type is added."""
    request = ask(op, opset, inputs, attributes)
    return judged(SUITE, slug, request, requirements, tuple(dict.fromkeys((*flags, *narrow(inputs[0])))), comment)


def words(shape: Shape) -> str:
    """A geometry in words."""
    text = ", ".join(f"{name} {value}" for name, value in sorted(shape.attributes.items()))
    return shape.comment or f"x {list(shape.x)}, w {list(shape.w)}" + (f", {text}" if text else "")


def geometries() -> Iterator[Case]:
    """Every geometry of the integer operators: with small integers, then with all bits in use; one type after another."""
    draw = Draw("float-convolution")
    for i, shape in enumerate(GEOMETRIES):
        requirements = tuple(dict.fromkeys(REQUIREMENTS[r] for r in shape.requirements))
        for j, dtype in enumerate(("float32", DTYPES[1 + i % 2])):
            fill = whole if j == i % 2 else drawn
            inputs = [fill(draw, dtype, shape.x), fill(draw, dtype, shape.w)]
            flags = shape.flags + (("whole-numbers",) if fill is whole else ())
            if (i + j) % 2:
                inputs.append(fill(draw, dtype, shape.w[:1]))
                flags += ("bias",)
            group = ("QREF-FP-006",) if "group" in shape.flags else ()
            bias = ("QREF-FP-005",) if "bias" in flags else ()
            yield make(
                "Conv", shape.slug, opset_of(dtype), tuple(inputs), shape.attributes, (*requirements, *group, *bias),
                flags, words(shape),
            )  # fmt: skip


def biases() -> Iterator[Case]:
    """One bias a channel, alone over an image of zeros, over no tap at all, and beside large sums."""
    draw = Draw("float-biases")
    for dtype in DTYPES:
        b = drawn(draw, dtype, (5,))
        zeros = floats(np.zeros((1, 2, 2, 3)), dtype)
        inputs = (zeros, whole(draw, dtype, (5, 2, 1, 1)), b)
        comment = "an image of zeros: the bias is the result"
        yield make("Conv", "bias-alone", opset_of(dtype), inputs, {}, ("QREF-FP-005",), ("bias",), comment)
        inputs = (whole(draw, dtype, (1, 2, 1, 1)), whole(draw, dtype, (5, 2, 1, 1)), b)
        comment = "windows of padding alone around one pixel: the bias is the result"
        yield make(
            "Conv", "bias-alone", opset_of(dtype), inputs, {"pads": [1, 2, 1, 0]}, ("QREF-FP-005", "QREF-FP-002"),
            ("bias", "padding", "pad-exceeds-kernel"), comment,
        )  # fmt: skip


def sums() -> Iterator[Case]:
    """Hard sums along the channels, along a kernel, and with the first term as the bias."""
    for i, one in enumerate(hard_sums()):
        K = len(one.a)
        if K > 600 and i % 3:
            continue
        along_channels = (floats(one.a.reshape(1, K, 1, 1), one.dtype), floats(one.b.reshape(1, K, 1, 1), one.dtype))
        yield hard(one, along_channels, f"along {K} channels: {one.comment}")
        along_kernel = (floats(one.a.reshape(1, 1, K), one.dtype), floats(one.b.reshape(1, 1, K), one.dtype))
        if K < 600:
            yield hard(one, along_kernel, f"along a kernel of {K}: {one.comment}")
        if one.b[0] == 1 and 1 < K < 600:
            rest = [floats(v[1:].reshape(1, -1, 1), one.dtype) for v in (one.a, one.b)]
            yield hard(one, (*rest, floats(one.a[:1], one.dtype)), f"the first term is the bias: {one.comment}")


def hard(one: HardSum, inputs: tuple[Tensor, ...], comment: str) -> Case:
    """A hard sum as one output element of Conv."""
    flags = (*one.flags, *(("bias",) if len(inputs) > 2 else ()))
    return make("Conv", one.slug, opset_of(one.dtype), inputs, {}, (*one.requirements, "QREF-FP-001"), flags, comment)


def magnitudes() -> Iterator[Case]:
    """Output channels, images and pixels whose sizes are worlds apart."""
    draw = Draw("float-magnitudes")
    for dtype, far in (("float32", 50), ("float16", 6), ("bfloat16", 50)):
        for kernel, attributes in ((1, {}), (3, {"strides": [2, 2]})):
            x = draw.signed_float32(-2, 0, (2, 3, 5, 5)).astype(np.float64)
            w = draw.signed_float32(-2, 0, (3, 3, kernel, kernel)).astype(np.float64)
            x[1] = np.ldexp(x[1], -far // 2)
            w = np.ldexp(w, np.array([0, far // 2, -far]).reshape(-1, 1, 1, 1))
            comment = f"images and output channels 2^{far} apart: each within its own tolerance"
            yield make(
                "Conv", "magnitudes", opset_of(dtype), (floats(x, dtype), floats(w, dtype)), attributes,
                ("QREF-FS-005", "QREF-FP-008"), ("magnitudes", "batch"), comment,
            )  # fmt: skip


def specials() -> Iterator[Case]:
    """Infinity and NaN reach the windows that they lie in and no other; ∞ − ∞ is NaN."""
    draw = Draw("float-specials")
    for dtype in DTYPES:
        for value, flag in ((np.inf, "infinity"), (-np.inf, "infinity"), (np.nan, "not-a-number")):
            x = draw.integers(1, 6, (1, 2, 1, 7)).astype(np.float64)
            x[0, 1, 0, 3] = value
            inputs = (floats(x, dtype), floats(draw.integers(1, 6, (2, 2, 1, 2)), dtype))
            comment = f"{value} lies in two of six windows"
            yield make("Conv", "special", opset_of(dtype), inputs, {}, ("QREF-FS-003",), (flag,), comment)
        x = np.array([np.inf, 1.0, np.inf, -np.inf, 2.0, -np.inf]).reshape(1, 2, 1, 3)
        inputs = (floats(x, dtype), floats(np.ones((1, 2, 1, 1)), dtype))
        comment = "∞ − ∞, a finite sum, and ∞ − ∞ again"
        flags = ("infinity", "not-a-number")
        yield make("Conv", "special", opset_of(dtype), inputs, {}, ("QREF-FS-003",), flags, comment)


def opsets() -> Iterator[Case]:
    """One case of each opset's text: 11 says what SAME means with strides, 22 adds bfloat16."""
    draw = Draw("float-convolution-opsets")
    for opset, dtype in ((1, "float32"), (1, "float16"), (22, "float32"), (22, "float16")):
        inputs = (whole(draw, dtype, (1, 2, 5, 6)), whole(draw, dtype, (2, 2, 3, 3)), whole(draw, dtype, (2,)))
        attributes = {"pads": [1, 0, 1, 2], "strides": [2, 1]}
        comment = f"opset {opset}: explicit padding"
        flags = ("opset", "padding", "stride", "whole-numbers", "bias")
        yield make("Conv", "opset", opset, inputs, attributes, ("QREF-FP-001", "QREF-FP-003"), flags, comment)
    square = (whole(draw, "float32", (1, 1, 5, 5)), whole(draw, "float32", (1, 1, 2, 2)))
    comment = "opset 1: SAME_UPPER with stride 1, an output of the input's size"
    flags = ("opset", "same-upper", "even-kernel", "padding", "whole-numbers")
    yield make("Conv", "opset", 1, square, {"auto_pad": "SAME_UPPER"}, ("QREF-FP-004",), flags, comment)


@dataclass(frozen=True)
class Turned:
    """A geometry of ConvTranspose: shapes of x and w [C, M/group, …], attributes, flags, requirements beside the first."""

    slug: str
    x: tuple[int, ...]
    w: tuple[int, ...]
    attributes: dict[str, Any]
    flags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()


def _all(name: str, *values: int) -> dict[str, Any]:
    return {name: list(values)}


TURNED: tuple[Turned, ...] = (
    Turned("plain", (1, 2, 3, 4), (2, 3, 2, 3), {}),
    Turned("one-by-one", (2, 3, 2, 2), (3, 2, 1, 1), {}, ("batch",)),
    Turned("one-pixel", (1, 2, 1, 1), (2, 2, 3, 2), {}),
    Turned("stride", (1, 2, 3, 3), (2, 2, 3, 3), _all("strides", 2, 2), ("stride",)),
    Turned("stride", (1, 2, 3, 2), (2, 2, 2, 3), _all("strides", 1, 3), ("stride",)),
    Turned("stride", (1, 1, 3, 3), (1, 2, 2, 2), _all("strides", 3, 3), ("stride", "stride-exceeds-kernel")),
    Turned("stride", (1, 2, 2, 3), (2, 1, 1, 1), _all("strides", 2, 3), ("stride", "stride-exceeds-kernel")),
    Turned("padding", (1, 2, 4, 4), (2, 2, 3, 3), _all("pads", 1, 1, 1, 1), ("transposed-padding",)),
    Turned("padding", (1, 2, 4, 3), (2, 2, 3, 3), _all("pads", 0, 2, 1, 0), ("transposed-padding", "asymmetric-pads")),
    Turned("padding", (1, 1, 4, 4), (1, 2, 4, 2), _all("pads", 2, 0, 0, 1), ("transposed-padding", "asymmetric-pads")),
    Turned("padding", (1, 2, 3, 3), (2, 2, 3, 3), {"strides": [2, 2], "pads": [1, 1, 1, 1]}, ("transposed-padding", "stride")),
    Turned("padding", (1, 1, 5, 5), (1, 1, 2, 2), _all("pads", 2, 2, 2, 2), ("transposed-padding", "pad-exceeds-kernel")),
    Turned("dilation", (1, 2, 3, 3), (2, 2, 2, 2), _all("dilations", 2, 2), ("dilation",)),
    Turned("dilation", (1, 1, 3, 4), (1, 2, 3, 2), _all("dilations", 1, 3), ("dilation",)),
    Turned("dilation", (1, 2, 3, 3), (2, 1, 2, 2), {"dilations": [2, 3], "strides": [3, 2], "pads": [1, 0, 0, 1]}, ("dilation", "stride", "transposed-padding", "asymmetric-pads")),
    Turned("dilation", (1, 1, 2, 2), (1, 1, 2, 2), {"dilations": [4, 3], "pads": [1, 1, 1, 1]}, ("dilation", "transposed-padding")),
    Turned("output-padding", (1, 2, 3, 3), (2, 2, 3, 3), {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]}, ("output-padding", "stride", "transposed-padding"), ("QREF-FP-012",)),
    Turned("output-padding", (1, 1, 3, 3), (1, 2, 3, 3), {"strides": [2, 3], "output_padding": [1, 2]}, ("output-padding", "stride"), ("QREF-FP-012",)),
    Turned("output-padding", (1, 2, 3, 2), (2, 1, 2, 2), {"dilations": [2, 2], "strides": [1, 2], "pads": [0, 0, 1, 1], "output_padding": [1, 0]}, ("output-padding", "dilation", "transposed-padding"), ("QREF-FP-012",)),
    Turned("output-padding", (1, 2, 4), (2, 2, 5), {"strides": [3], "pads": [2, 2], "output_padding": [2]}, ("output-padding", "one-dimensional", "transposed-padding", "stride"), ("QREF-FP-012",)),
    Turned("group", (1, 4, 3, 3), (4, 2, 2, 2), {"group": 2}, ("group",)),
    Turned("group", (2, 6, 2, 3), (6, 1, 2, 2), {"group": 3, "strides": [2, 2]}, ("group", "stride", "batch")),
    Turned("group", (1, 4, 3, 3), (4, 3, 3, 3), {"group": 2, "pads": [1, 1, 1, 1]}, ("group", "transposed-padding")),
    Turned("depthwise", (1, 3, 3, 3), (3, 1, 3, 3), {"group": 3, "strides": [2, 2]}, ("group", "depthwise", "stride")),
    Turned("depthwise", (1, 3, 3, 2), (3, 2, 2, 3), {"group": 3}, ("group", "depthwise")),
    Turned("output-shape", (1, 2, 3, 3), (2, 2, 3, 3), {"strides": [2, 2], "output_shape": [6, 6]}, ("output-shape", "stride", "transposed-padding"), ("QREF-FP-013",)),
    Turned("output-shape", (1, 1, 3, 4), (1, 2, 4, 3), {"strides": [2, 2], "output_shape": [6, 8]}, ("output-shape", "stride", "transposed-padding"), ("QREF-FP-013",)),
    Turned("output-shape", (1, 2, 4, 4), (2, 1, 3, 4), {"output_shape": [5, 4]}, ("output-shape", "transposed-padding", "asymmetric-pads"), ("QREF-FP-013",)),
    Turned("output-shape", (1, 1, 3, 3), (1, 1, 3, 3), {"strides": [2, 2], "output_shape": [6, 7], "output_padding": [1, 1]}, ("output-shape", "output-padding", "stride", "transposed-padding"), ("QREF-FP-013", "QREF-FP-012")),
    Turned("output-shape", (1, 1, 3, 3), (1, 2, 3, 3), {"strides": [2, 2], "output_shape": [6, 6], "auto_pad": "SAME_UPPER"}, ("output-shape", "same-upper", "stride", "transposed-padding"), ("QREF-FP-013",)),
    Turned("output-shape", (1, 1, 3, 3), (1, 2, 3, 3), {"strides": [2, 2], "output_shape": [6, 6], "auto_pad": "SAME_LOWER"}, ("output-shape", "same-lower", "stride", "transposed-padding"), ("QREF-FP-013",)),
    Turned("output-shape", (1, 1, 4, 4), (1, 1, 3, 3), {"output_shape": [5, 4], "pads": [1, 1, 1, 1]}, ("output-shape", "transposed-padding"), ("QREF-FP-013",)),
    Turned("same-upper", (1, 2, 3, 3), (2, 2, 3, 3), {"auto_pad": "SAME_UPPER"}, ("transposed-padding",), ("QREF-FP-014",)),
    Turned("same-upper", (1, 1, 3, 4), (1, 2, 2, 4), {"auto_pad": "SAME_UPPER"}, ("same-upper", "even-kernel", "transposed-padding"), ("QREF-FP-014",)),
    Turned("same-upper", (1, 1, 3, 3), (1, 1, 3, 4), {"auto_pad": "SAME_UPPER", "strides": [2, 3]}, ("same-upper", "stride", "transposed-padding"), ("QREF-FP-014",)),
    Turned("same-upper", (1, 1, 3, 3), (1, 1, 2, 3), {"auto_pad": "SAME_UPPER", "dilations": [3, 2], "strides": [1, 2]}, ("same-upper", "dilation", "transposed-padding"), ("QREF-FP-014",)),
    Turned("same-lower", (1, 1, 3, 4), (1, 2, 2, 4), {"auto_pad": "SAME_LOWER"}, ("same-lower", "even-kernel", "transposed-padding"), ("QREF-FP-014",)),
    Turned("same-lower", (1, 2, 3, 3), (2, 1, 3, 4), {"auto_pad": "SAME_LOWER", "strides": [2, 3]}, ("same-lower", "stride", "transposed-padding"), ("QREF-FP-014",)),
    Turned("valid", (1, 2, 3, 3), (2, 2, 2, 3), {"auto_pad": "VALID", "strides": [2, 1]}, ("valid", "stride"), ("QREF-FP-014",)),
    Turned("kernel-shape", (1, 1, 3, 3), (1, 1, 2, 3), {"kernel_shape": [2, 3]}),
    Turned("one-d", (2, 2, 5), (2, 3, 3), {"strides": [2], "pads": [1, 0]}, ("one-dimensional", "stride", "transposed-padding", "batch")),
    Turned("one-d", (1, 4, 4), (4, 1, 3), {"group": 4, "dilations": [2]}, ("one-dimensional", "depthwise", "group", "dilation")),
    Turned("one-d", (1, 2, 4), (2, 1, 4), {"auto_pad": "SAME_LOWER", "strides": [3]}, ("one-dimensional", "same-lower", "stride", "transposed-padding"), ("QREF-FP-014",)),
    Turned("three-d", (1, 2, 2, 2, 3), (2, 1, 2, 3, 2), {}, ("three-dimensional",)),
    Turned("three-d", (1, 1, 2, 3, 2), (1, 2, 2, 2, 3), {"strides": [2, 1, 2], "pads": [1, 0, 1, 0, 1, 1]}, ("three-dimensional", "stride", "transposed-padding", "asymmetric-pads")),
    Turned("three-d", (1, 2, 2, 2, 2), (2, 2, 2, 1, 2), {"group": 2, "strides": [1, 2, 2], "output_padding": [0, 1, 1]}, ("three-dimensional", "group", "output-padding", "stride"), ("QREF-FP-012",)),
    Turned("zero-batch", (0, 2, 3, 3), (2, 2, 2, 2), {}, ("zero-size",), ("QREF-FP-007",)),
    Turned("many-channels", (1, 37, 2, 2), (37, 3, 2, 2), _all("strides", 2, 2), ("stride",)),
)  # fmt: skip


def transposed() -> Iterator[Case]:
    """Every geometry of ConvTranspose: with small integers, then with all bits in use."""
    draw = Draw("float-transposed")
    for i, shape in enumerate(TURNED):
        for j, dtype in enumerate(("float32", DTYPES[1 + i % 2])):
            fill = whole if j == i % 2 else drawn
            inputs = [fill(draw, dtype, shape.x), fill(draw, dtype, shape.w)]
            flags = shape.flags + (("whole-numbers",) if fill is whole else ())
            if (i + j) % 2:
                inputs.append(fill(draw, dtype, (shape.w[1] * shape.attributes.get("group", 1),)))
                flags += ("bias",)
            text = ", ".join(f"{name} {value}" for name, value in sorted(shape.attributes.items()))
            comment = f"x {list(shape.x)}, w {list(shape.w)}" + (f", {text}" if text else "")
            requirements = ("QREF-FP-010", "QREF-FP-011", *shape.requirements)
            yield make(
                "ConvTranspose", shape.slug, opset_of(dtype), tuple(inputs), shape.attributes, requirements, flags,
                comment,
            )  # fmt: skip


def transposed_opsets() -> Iterator[Case]:
    """Where opset 1 and opset 11 put the odd element that output_shape takes away, and plain cases of each opset."""
    draw = Draw("float-transposed-opsets")
    x, w = whole(draw, "float32", (1, 1, 3, 3)), whole(draw, "float32", (1, 1, 3, 3))
    attributes = {"strides": [2, 2], "output_shape": [6, 6]}
    flags = ("opset", "output-shape", "stride", "transposed-padding", "whole-numbers")
    for opset, side in ((1, "end"), (11, "beginning"), (22, "beginning")):
        comment = f"opset {opset}: an odd total_padding takes one element more from the {side}"
        yield make("ConvTranspose", "opset", opset, (x, w), attributes, ("QREF-FP-013",), flags, comment)
    inputs = (whole(draw, "float16", (1, 2, 3, 3)), whole(draw, "float16", (2, 1, 3, 3)))
    for opset in (1, 11, 22):
        comment = f"opset {opset}: explicit padding"
        yield make(
            "ConvTranspose",
            "opset",
            opset,
            inputs,
            {"pads": [1, 1, 0, 1]},
            ("QREF-FP-010",),
            ("opset", "transposed-padding", "whole-numbers"),
            comment,
        )


def transposed_sums() -> Iterator[Case]:
    """Hard sums along the channels, and over pixels whose windows overlap: the order in which col2im adds them up."""
    for one in hard_sums():
        K = len(one.a)
        if K > 600:
            continue
        requirements = (*one.requirements, "QREF-FP-010")
        along_channels = floats(one.a.reshape(1, K, 1, 1), one.dtype), floats(one.b.reshape(K, 1, 1, 1), one.dtype)
        if K < 20:
            yield make(
                "ConvTranspose", one.slug, opset_of(one.dtype), along_channels, {}, requirements, one.flags,
                f"along {K} channels: {one.comment}",
            )  # fmt: skip
        overlapping = floats(one.a.reshape(1, 1, K), one.dtype), floats(one.b[::-1].reshape(1, 1, K), one.dtype)
        yield make(
            "ConvTranspose", one.slug, opset_of(one.dtype), overlapping, {"pads": [K - 1, K - 1]}, requirements,
            (*one.flags, "transposed-padding", "one-dimensional"), f"over {K} pixels: {one.comment}",
        )  # fmt: skip


def errors() -> Iterator[Case]:
    """What the text rules out."""
    x, w = floats(np.ones((1, 4, 4, 4)), "float32"), floats(np.ones((2, 4, 3, 3)), "float32")
    b = floats(np.ones((3,)), "float32")
    rows: list[tuple[str, tuple[Tensor, ...], dict[str, Any], str]] = [
        ("4 channels in x, 3 in w", (x, floats(np.ones((2, 3, 3, 3)), "float32")), {}, "QREF-FP-006"),
        ("group 2 with weights of 4 channels", (x, w), {"group": 2}, "QREF-FP-006"),
        ("group 2 and 3 output channels", (x, floats(np.ones((3, 2, 3, 3)), "float32")), {"group": 2}, "QREF-FP-006"),
        ("kernel_shape [2, 2] beside a 3×3 kernel", (x, w), {"kernel_shape": [2, 2]}, "QREF-FP-009"),
        ("x and w of different rank", (x, floats(np.ones((2, 4, 3)), "float32")), {}, "QREF-FP-009"),
        ("a bias of 3 for two output channels", (x, w, b), {}, "QREF-FP-005"),
        ("pads beside auto_pad", (x, w), {"auto_pad": "SAME_UPPER", "pads": [1, 1, 1, 1]}, "QREF-FP-009"),
        ("x float32, w float16", (x, floats(np.ones((2, 4, 3, 3)), "float16")), {}, "QREF-FP-009"),
    ]
    for comment, inputs, attributes, requirement in rows:
        request = ask("Conv", 11, inputs, attributes)
        yield refused(SUITE, "error", request, (requirement, "QREF-FP-009"), ("error",), comment)
    v = floats(np.ones((4, 2, 3, 3)), "float32")
    rows = [
        ("4 channels in x, 2 in w", (x, w), {}, "QREF-FP-010"),
        ("group 3 and 4 channels", (x, v), {"group": 3}, "QREF-FP-010"),
        ("a bias of 3 for two output channels", (x, v, b), {}, "QREF-FP-010"),
        ("output_padding as long as the stride", (x, v), {"strides": [2, 2], "output_padding": [2, 0]}, "QREF-FP-012"),
        ("kernel_shape [2, 2] beside a 3×3 kernel", (x, v), {"kernel_shape": [2, 2]}, "QREF-FP-010"),
    ]
    for comment, inputs, attributes, requirement in rows:
        request = ask("ConvTranspose", 11, inputs, attributes)
        yield refused(SUITE, "error", request, (requirement, "QREF-FP-009"), ("error",), comment)


def open_cases() -> Iterator[Case]:
    """What the texts leave open, for the suite `open-behaviour`."""
    x, w = floats(np.ones((1, 1, 3, 3)), "float32"), floats(np.arange(1.0, 10).reshape(1, 1, 3, 3), "float32")
    rows: list[tuple[str, str, int, tuple[Tensor, ...], dict[str, Any]]] = [
        ("a 3×3 kernel on a 2×2 image: no window, or an error", "Conv", 11, (floats(np.ones((1, 1, 2, 2)), "float32"), w), {}),
        ("an output_shape beyond all windows", "ConvTranspose", 11, (x, w), {"output_shape": [6, 5]}),
        ("SAME with a stride longer than the kernel", "ConvTranspose", 11, (x, w), {"strides": [4, 4], "auto_pad": "SAME_UPPER"}),
        ("VALID, and an output_shape that needs padding", "ConvTranspose", 11, (x, w), {"output_shape": [4, 4], "auto_pad": "VALID"}),
        ("opset 1: the odd element of SAME_UPPER", "ConvTranspose", 1, (x, w), {"output_shape": [4, 4], "auto_pad": "SAME_UPPER"}),
        ("an image without pixels", "ConvTranspose", 11, (floats(np.ones((1, 1, 0, 2)), "float32"), w), {}),
        ("padding beside an infinite weight", "Conv", 11, (x, floats(np.full((1, 1, 2, 2), np.inf), "float32")), {"pads": [1, 0, 0, 0]}),
    ]  # fmt: skip
    for comment, op, opset, inputs, attributes in rows:
        yield left_open("open-behaviour", "geometry", ask(op, opset, inputs, attributes), (), comment)
