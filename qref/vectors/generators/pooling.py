"""Cases of AveragePool, GlobalAveragePool and MaxPool for the suite `onnx-float`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, left_open, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import DTYPES, drawn, floats, hard_sums, narrow, whole

SUITE = "onnx-float"


@dataclass(frozen=True)
class Pool:
    """A geometry of pooling: shape of x, attributes, what it is after, and the opset whose text it needs, if another."""

    slug: str
    x: tuple[int, ...]
    attributes: dict[str, Any]
    flags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ("QREF-FP-020",)
    opset: int = field(default=0)


def _k(*kernel: int, **attributes: Any) -> dict[str, Any]:
    return {"kernel_shape": list(kernel), **attributes}


NO_PADDING = "QREF-FP-036"  # not of the text, as what else the case shows is

GEOMETRIES: tuple[Pool, ...] = (
    Pool("plain", (1, 2, 4, 5), _k(2, 3)),
    Pool("plain", (2, 3, 3, 3), _k(3, 3), ("batch",)),
    Pool("one-by-one", (1, 2, 3, 3), _k(1, 1)),
    Pool("one-pixel", (1, 3, 1, 1), _k(1, 1)),
    Pool("stride", (1, 2, 6, 6), _k(2, 2, strides=[2, 2]), ("stride",)),
    Pool("stride", (1, 2, 7, 8), _k(3, 2, strides=[2, 3]), ("stride",)),
    Pool("stride", (1, 1, 7, 8), _k(2, 1, strides=[3, 2]), ("stride", "stride-exceeds-kernel")),
    Pool("padding", (1, 2, 4, 4), _k(3, 3, pads=[1, 1, 1, 1]), ("padding",)),
    Pool("padding", (2, 1, 5, 4), _k(3, 3, pads=[1, 1, 1, 1], strides=[2, 2]), ("padding", "stride", "batch")),
    Pool("padding", (1, 2, 4, 5), _k(3, 3, pads=[0, 2, 1, 0]), ("padding", "asymmetric-pads")),
    Pool("padding", (1, 2, 5, 4), _k(2, 4, pads=[1, 0, 0, 3]), ("padding", "asymmetric-pads", "even-kernel")),
    Pool("padding", (1, 1, 3, 3), _k(5, 5, pads=[2, 2, 2, 2]), ("padding",)),
    Pool("dilation", (1, 2, 6, 6), _k(2, 3, dilations=[3, 2]), ("dilation",)),
    Pool("dilation", (1, 2, 7, 7), _k(3, 2, dilations=[2, 3], strides=[2, 1]), ("dilation", "stride")),
    Pool("dilation", (1, 1, 5, 5), _k(3, 3, dilations=[2, 2], pads=[2, 2, 2, 2]), ("dilation", "padding")),
    Pool("dilation", (1, 1, 4, 6), _k(2, 2, dilations=[3, 4], pads=[0, 2, 2, 0], strides=[1, 2]), ("dilation", "padding", "asymmetric-pads", "stride")),
    Pool("same-upper", (1, 2, 5, 5), _k(3, 3, auto_pad="SAME_UPPER"), ("padding",), ("QREF-FP-021",)),
    Pool("same-upper", (1, 2, 5, 6), _k(2, 4, auto_pad="SAME_UPPER"), ("same-upper", "even-kernel", "padding"), ("QREF-FP-021",)),
    Pool("same-upper", (1, 1, 6, 7), _k(3, 2, auto_pad="SAME_UPPER", strides=[2, 2]), ("same-upper", "stride", "padding"), ("QREF-FP-021",)),
    Pool("same-upper", (1, 1, 7, 8), _k(3, 3, auto_pad="SAME_UPPER", strides=[3, 3], ceil_mode=1), ("same-upper", "stride", "padding", "ceil-mode"), ("QREF-FP-021",)),
    Pool("same-upper", (1, 1, 6, 5), _k(2, 3, auto_pad="SAME_UPPER", dilations=[3, 2]), ("same-upper", "dilation", "padding"), ("QREF-FP-021",)),
    Pool("same-lower", (1, 2, 5, 6), _k(2, 4, auto_pad="SAME_LOWER"), ("same-lower", "even-kernel", "padding"), ("QREF-FP-021",)),
    Pool("same-lower", (1, 1, 6, 7), _k(3, 2, auto_pad="SAME_LOWER", strides=[2, 2]), ("same-lower", "stride", "padding"), ("QREF-FP-021",)),
    Pool("same-lower", (1, 1, 6, 5), _k(2, 3, auto_pad="SAME_LOWER", dilations=[3, 2]), ("same-lower", "dilation", "padding"), ("QREF-FP-021",)),
    Pool("same-no-pad", (1, 1, 7, 6), _k(2, 1, auto_pad="SAME_UPPER", strides=[5, 3]), ("stride-exceeds-kernel", "stride"), (NO_PADDING,)),
    Pool("valid", (1, 2, 5, 6), _k(3, 2, auto_pad="VALID"), ("valid",), ("QREF-FP-021",)),
    Pool("valid", (1, 1, 7, 8), _k(3, 3, auto_pad="VALID", strides=[3, 2]), ("valid", "stride"), ("QREF-FP-021",)),
    Pool("valid", (1, 1, 7, 8), _k(3, 3, auto_pad="VALID", strides=[3, 2], ceil_mode=1), ("valid", "stride", "ceil-mode"), ("QREF-FP-021",)),
    Pool("ceil", (1, 2, 6, 7), _k(3, 2, strides=[2, 2], ceil_mode=1), ("ceil-mode", "stride")),
    Pool("ceil", (1, 1, 7, 9), _k(3, 3, strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1), ("ceil-mode", "stride", "padding")),
    Pool("ceil-ignored", (1, 1, 7, 8), _k(3, 3, strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1), ("ceil-mode", "stride", "padding"), ("QREF-FP-022",), 22),
    Pool("ceil", (1, 1, 7, 6), _k(3, 3, strides=[2, 2], pads=[1, 0, 0, 1], ceil_mode=1), ("ceil-mode", "stride", "padding", "asymmetric-pads")),
    Pool("ceil", (1, 1, 7, 6), _k(2, 3, strides=[3, 2], dilations=[2, 2], ceil_mode=1), ("ceil-mode", "stride", "dilation")),
    Pool("ceil", (1, 2, 5, 5), _k(2, 2, ceil_mode=1), ("ceil-mode",)),
    Pool("ceil-ignored", (1, 1, 5, 5), _k(2, 2, strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1), ("ceil-mode", "stride", "padding"), ("QREF-FP-022",), 22),
    Pool("ceil-ignored", (1, 2, 5, 4), _k(2, 2, strides=[3, 2], pads=[1, 0, 1, 1], ceil_mode=1), ("ceil-mode", "stride", "padding"), ("QREF-FP-022",), 22),
    Pool("ceil-ignored", (1, 1, 8), _k(2, strides=[5], pads=[0, 1], ceil_mode=1), ("ceil-mode", "stride", "padding", "one-dimensional"), ("QREF-FP-022", "QREF-FP-020"), 22),
    Pool("one-d", (2, 2, 7), _k(3, strides=[2], pads=[1, 0]), ("one-dimensional", "stride", "padding", "batch")),
    Pool("one-d", (1, 2, 9), _k(2, dilations=[4]), ("one-dimensional", "dilation")),
    Pool("three-d", (1, 2, 3, 4, 3), _k(2, 2, 3), ("three-dimensional",)),
    Pool("three-d", (1, 1, 4, 3, 5), _k(2, 3, 2, strides=[2, 1, 2], pads=[1, 1, 0, 0, 1, 1]), ("three-dimensional", "stride", "padding", "asymmetric-pads")),
    Pool("three-d", (1, 1, 3, 4, 4), _k(2, 2, 3, auto_pad="SAME_LOWER", strides=[1, 2, 2]), ("three-dimensional", "same-lower", "padding", "stride"), ("QREF-FP-021",)),
    Pool("whole-image", (2, 2, 3, 4), _k(3, 4), ("batch",)),
    Pool("zero-batch", (0, 2, 3, 3), _k(2, 2), ("zero-size",), ("QREF-FP-007",)),
)  # fmt: skip


def cases() -> Iterator[Case]:
    """All cases of the three operators."""
    yield from geometries()
    yield from remainders()
    yield from sums()
    yield from specials()
    yield from opsets()
    yield from averages_of_channels()
    yield from places()
    yield from negative_maxima()
    yield from max_types()
    yield from errors()


def opset_of(op: str, dtype: str, shape: Pool | None = None) -> int:
    """The first opset with the type, and with dilations and ceil_mode."""
    wanted = 22 if dtype == "bfloat16" else {"AveragePool": 19, "MaxPool": 12, "GlobalAveragePool": 1}[op]
    return max(wanted, shape.opset if shape else 0)


def make(
    op: str,
    slug: str,
    opset: int,
    x: Tensor,
    attributes: dict[str, Any],
    requirements: tuple[str, ...],
    flags: tuple[str, ...],
    comment: str,
    outputs: int = 1,
) -> Case:
    """A case; flags of its type and attributes are added."""
    own = narrow(x)
    own += ("indices",) if outputs == 2 else ()
    own += ("column-major",) if attributes.get("storage_order") else ()
    own += ("count-include-pad",) if attributes.get("count_include_pad") else ()
    request = ask(op, opset, [x], attributes, outputs=outputs)
    return judged(SUITE, slug, request, requirements, tuple(dict.fromkeys((*flags, *own))), comment)


def words(x: Tensor, attributes: dict[str, Any]) -> str:
    """A request in words."""
    text = ", ".join(f"{name} {value}" for name, value in sorted(attributes.items()))
    return f"x {list(x.shape)}, {text}"


def geometries() -> Iterator[Case]:
    """Every geometry as a maximum with its indices and as an average, where it pads with padding counted and not."""
    draw = Draw("pooling")
    for i, shape in enumerate(GEOMETRIES):
        for dtype in ("float32", DTYPES[1 + i % 2]):
            x = drawn(draw, dtype, shape.x)
            attributes = {**shape.attributes, "storage_order": i % 2}
            derived = NO_PADDING in shape.requirements
            requirements = (NO_PADDING,) if derived else (*shape.requirements, "QREF-FP-026", "QREF-FP-027")
            opset = opset_of("MaxPool", dtype, shape)
            yield make("MaxPool", shape.slug, opset, x, attributes, requirements, shape.flags, words(x, attributes), 2)
            pads = "padding" in shape.flags or "ceil-mode" in shape.flags
            for counted in (0, 1) if pads else (i % 2,):
                fill = whole if (i + counted) % 3 == 0 else drawn
                x = fill(draw, dtype, shape.x)
                attributes = {**shape.attributes, "count_include_pad": counted}
                flags = shape.flags + (("whole-numbers",) if fill is whole else ())
                overhang = ("QREF-FP-024",) if "ceil-mode" in shape.flags else ()
                requirements = (NO_PADDING,) if derived else (*shape.requirements, "QREF-FP-023", *overhang)
                opset = opset_of("AveragePool", dtype, shape)
                yield make("AveragePool", shape.slug, opset, x, attributes, requirements, flags, words(x, attributes))


def remainders() -> Iterator[Case]:
    """Every remainder of a stride, with and without ceil_mode and padding: how many windows, and what the last covers."""
    draw = Draw("pooling-remainders")
    for stride in (2, 3, 4):
        for rest in range(stride):
            for k, pads in ((3, [0, 0]), (3, [1, 1]), (4, [0, 2])):
                length = 2 * stride + rest + k - sum(pads)
                for ceil_mode in (0, 1):
                    attributes = _k(k, strides=[stride], pads=pads, ceil_mode=ceil_mode)
                    flags = ("stride", "one-dimensional", *(("padding",) if sum(pads) else ()))
                    flags += ("ceil-mode",) if ceil_mode else ()
                    x = drawn(draw, "float32", (1, 1, length))
                    comment = f"{rest} elements remain of a stride of {stride}: {words(x, attributes)}"
                    requirements = ("QREF-FP-020", "QREF-FP-026")
                    yield make("MaxPool", "remainder", 22, x, attributes, requirements, flags, comment, 2)
                    for counted in (0, 1) if sum(pads) else (ceil_mode,):
                        both = {**attributes, "count_include_pad": counted}
                        comment = f"{rest} elements remain of a stride of {stride}: {words(x, both)}"
                        after = ("QREF-FP-020", "QREF-FP-023", "QREF-FP-024")
                        yield make("AveragePool", "remainder", 22, x, both, after, flags, comment)


def sums() -> Iterator[Case]:
    """Averages whose sums are hard: in one window, over a channel; and quotients by every small count."""
    for one in hard_sums():
        if not (one.b == 1).all():
            continue
        x, K = floats(one.a.reshape(1, 1, -1), one.dtype), len(one.a)
        requirements = (*one.requirements, "QREF-FP-025")
        comment = f"an average of {K}: {one.comment}"
        opset = opset_of("AveragePool", one.dtype)
        flags = (*one.flags, "one-dimensional")
        if K < 600:
            yield make("AveragePool", one.slug, opset, x, _k(K), requirements, flags, comment)
        opset = opset_of("GlobalAveragePool", one.dtype)
        yield make("GlobalAveragePool", one.slug, opset, x, {}, requirements, (*one.flags, "global"), comment)
    draw = Draw("average-quotients")
    for dtype in DTYPES:
        for K in (2, 3, 5, 6, 7, 9, 10, 11, 13, 49):
            x = drawn(draw, dtype, (1, 1, K + 7), 0, 3)
            comment = f"quotients by {K}"
            yield make(
                "AveragePool", "quotient", opset_of("AveragePool", dtype), x, _k(K), ("QREF-FP-023", "QREF-FP-025"),
                ("one-dimensional",), comment,
            )  # fmt: skip
        big = floats(np.array([0.75, 0.5, 0.625, 0.75]) * 2.0 ** {"float16": 16}.get(dtype, 128), dtype)
        x = tensor(big.data.reshape(1, 1, 2, 2), dtype)
        comment = "numbers whose sum passes the largest number, and whose average does not"
        requirements = ("QREF-FS-006", "QREF-FP-025")
        yield make(
            "AveragePool", "overflow", opset_of("AveragePool", dtype), x, _k(2, 2), requirements, ("overflow",), comment
        )
        opset = opset_of("GlobalAveragePool", dtype)
        yield make("GlobalAveragePool", "overflow", opset, x, {}, requirements, ("overflow", "global"), comment)
        e = -24 if dtype == "float16" else -149 if dtype == "float32" else -133
        x = floats(np.ldexp(np.array([1.0, 2, 3, 5, 8, 13, 21, 34]).reshape(1, 1, 8), e), dtype)
        comment = "averages of subnormal numbers: half a smallest one goes to the even neighbour"
        yield make(
            "AveragePool", "subnormal", opset_of("AveragePool", dtype), x, _k(2), ("QREF-FS-002", "QREF-FP-025"),
            ("subnormal", "one-dimensional"), comment,
        )  # fmt: skip


def specials() -> Iterator[Case]:
    """Infinity and NaN in averages; −∞ and +∞ as maxima."""
    draw = Draw("pooling-specials")
    for dtype in DTYPES:
        for value, flag in ((np.inf, "infinity"), (-np.inf, "infinity"), (np.nan, "not-a-number")):
            values = draw.integers(1, 9, (1, 1, 7)).astype(np.float64)
            values[0, 0, 3] = value
            x = floats(values, dtype)
            comment = f"{value} lies in two of six windows"
            flags = (flag, "one-dimensional")
            opset = opset_of("AveragePool", dtype)
            yield make("AveragePool", "special", opset, x, _k(2), ("QREF-FS-003", "QREF-FP-023"), flags, comment)
            if flag == "infinity":
                opset = opset_of("MaxPool", dtype)
                comment = f"{value} as an element; windows with padding"
                yield make(
                    "MaxPool",
                    "special",
                    opset,
                    x,
                    _k(3, pads=[1, 1]),
                    ("QREF-FP-026",),
                    (*flags, "padding"),
                    comment,
                    2,
                )
        low = floats(np.full((1, 1, 5), -np.inf), dtype)
        comment = "windows of −∞ alone: the maximum stands in the image, not in the padding"
        opset = opset_of("MaxPool", dtype)
        yield make(
            "MaxPool", "special", opset, low, _k(3, pads=[1, 1]), ("QREF-FP-026", "QREF-FP-028"),
            ("infinity", "equal-maxima", "padding", "one-dimensional"), comment, 2,
        )  # fmt: skip


def opsets() -> Iterator[Case]:
    """A case of each opset's text."""
    draw = Draw("pooling-opsets")
    x = drawn(draw, "float32", (1, 2, 5, 6))
    plain, padded = _k(2, 3, strides=[2, 2]), _k(3, 3, pads=[1, 1, 1, 1])
    averages: list[tuple[int, dict[str, Any], str]] = [
        (1, padded, "opset 1: padding is not counted"),
        (7, {**padded, "count_include_pad": 1}, "opset 7: count_include_pad"),
        (10, {**plain, "ceil_mode": 1}, "opset 10: ceil_mode"),
        (11, {**padded, "strides": [2, 2]}, "opset 11"),
        (11, _k(3, 3, auto_pad="VALID"), "opset 11: VALID where all formulas agree"),
        (11, _k(3, 3, auto_pad="SAME_LOWER"), "opset 11: SAME_LOWER where all formulas agree"),
        (19, _k(2, 2, dilations=[2, 3]), "opset 19: dilations"),
        (22, _k(2, 2, dilations=[2, 3], auto_pad="SAME_UPPER"), "opset 22: dilations in SAME"),
    ]
    for opset, attributes, comment in averages:
        flags = ("opset", *(("padding",) if "pads" in attributes or "auto_pad" in attributes else ()))
        flags += ("dilation",) if "dilations" in attributes else ()
        flags += ("ceil-mode",) if "ceil_mode" in attributes else ()
        yield make("AveragePool", "opset", opset, x, attributes, ("QREF-FP-020", "QREF-FP-023"), flags, comment)
    one = drawn(draw, "float32", (1, 1, 5))
    beyond = _k(2, strides=[3], pads=[1, 1], ceil_mode=1, count_include_pad=1)
    for opset, what in ((11, "is counted: one element of padding, an average of 0"), (22, "is left out")):
        comment = f"opset {opset}: the window that would start in the padding at the end {what}"
        flags = ("opset", "ceil-mode", "padding", "stride", "one-dimensional")
        yield make("AveragePool", "opset", opset, one, beyond, ("QREF-FP-022", "QREF-FP-020"), flags, comment)
    maxima: list[tuple[int, dict[str, Any], int, str]] = [
        (1, padded, 1, "opset 1: no indices"),
        (8, padded, 2, "opset 8: indices"),
        (8, {**plain, "storage_order": 1}, 2, "opset 8: storage_order"),
        (10, _k(2, 2, dilations=[2, 3], strides=[2, 2], ceil_mode=1), 2, "opset 10: dilations and ceil_mode"),
        (11, _k(2, 2, auto_pad="SAME_UPPER"), 2, "opset 11: SAME_UPPER"),
        (12, padded, 2, "opset 12"),
        (22, padded, 2, "opset 22"),
    ]
    for opset, attributes, outputs, comment in maxima:
        flags = ("opset", *(("padding",) if "pads" in attributes or "auto_pad" in attributes else ()))
        flags += ("ceil-mode", "dilation") if "ceil_mode" in attributes else ()
        requirements = ("QREF-FP-020", "QREF-FP-026", *(("QREF-FP-027",) if outputs == 2 else ()))
        yield make("MaxPool", "opset", opset, x, attributes, requirements, flags, comment, outputs)
    for opset, dtype in ((1, "float32"), (1, "float16"), (22, "float32"), (22, "bfloat16")):
        x = drawn(draw, dtype, (1, 2, 3, 3))
        yield make("GlobalAveragePool", "opset", opset, x, {}, ("QREF-FP-029",), ("opset", "global"), f"opset {opset}")


def averages_of_channels() -> Iterator[Case]:
    """GlobalAveragePool in every number of dimensions."""
    draw = Draw("global-averages")
    for i, shape in enumerate(
        ((2, 3, 4, 5), (1, 2, 7), (1, 2, 3, 2, 3), (2, 2, 1, 1), (1, 5, 1, 9), (1, 1, 7, 7), (0, 2, 3, 3))
    ):
        for dtype in ("float32", DTYPES[1 + i % 2]):
            fill = whole if i % 2 else drawn
            comment = f"x {list(shape)}"
            flags = ("global", *(("whole-numbers",) if fill is whole else ()), *(("batch",) if shape[0] > 1 else ()))
            flags += ("zero-size",) if 0 in shape else ()
            requirements = ("QREF-FP-029", *(("QREF-FP-007",) if 0 in shape else ()))
            opset = opset_of("GlobalAveragePool", dtype)
            yield make("GlobalAveragePool", "shape", opset, fill(draw, dtype, shape), {}, requirements, flags, comment)


def places() -> Iterator[Case]:
    """Indices over images and channels in either order, and where maxima are equal."""
    draw = Draw("pooling-places")
    for order in (0, 1):
        for shape, attributes in (
            ((2, 3, 3, 4), _k(2, 2)),
            ((2, 2, 4, 3), _k(2, 2, strides=[2, 1], pads=[1, 0, 0, 1])),
            ((1, 1, 4, 6), _k(3, 2, dilations=[1, 3])),
            ((1, 2, 7), _k(3, strides=[2])),
            ((1, 2, 2, 3, 4), _k(2, 2, 2)),
        ):
            x = drawn(draw, "float32", shape)
            both = {**attributes, "storage_order": order}
            yield make("MaxPool", "indices", 12, x, both, ("QREF-FP-027",), (), words(x, both), 2)
        for shape, attributes in (((1, 1, 4, 4), _k(2, 2)), ((1, 2, 3, 3), _k(3, 3)), ((1, 1, 8), _k(4, strides=[2]))):
            x = floats(draw.integers(0, 1, shape), "float32")
            both = {**attributes, "storage_order": order}
            flags = ("equal-maxima",)
            yield make("MaxPool", "equal", 12, x, both, ("QREF-FP-027", "QREF-FP-028"), flags, words(x, both), 2)
    zeros = floats(np.array([0.0, -0.0, -1.0, -0.0, 0.0, -0.0]).reshape(1, 1, 6), "float32")
    comment = "+0 and −0 are equal maxima"
    yield make("MaxPool", "equal", 12, zeros, _k(2), ("QREF-FP-028",), ("equal-maxima", "one-dimensional"), comment, 2)


def negative_maxima() -> Iterator[Case]:
    """Negative numbers beside padding, in every type that has a sign."""
    draw = Draw("pooling-negative")
    for dtype in ("float32", "float16", "bfloat16", "int8"):
        for attributes in (
            _k(3, 3, pads=[1, 1, 1, 1]),
            _k(2, 2, auto_pad="SAME_UPPER"),
            _k(3, 2, strides=[2, 2], pads=[0, 1, 1, 0], ceil_mode=1),
        ):
            values = -draw.integers(1, 99, (1, 2, 4, 4))
            x = tensor(values, "int8") if dtype == "int8" else floats(values, dtype)
            flags = ("negative-maximum", "padding", *(("ceil-mode",) if "ceil_mode" in attributes else ()))
            opset = opset_of("MaxPool", dtype)
            yield make("MaxPool", "negative", opset, x, attributes, ("QREF-FP-026",), flags, words(x, attributes), 2)


def max_types() -> Iterator[Case]:
    """int8 and uint8 at the ends of their types, and float64, which a maximum needs no arithmetic for."""
    draw = Draw("pooling-types")
    for dtype, low, high in (("int8", -128, 127), ("uint8", 0, 255)):
        for outputs in (1, 2):
            x = tensor(draw.edges(low, high, (1, 2, 5, 5)), dtype)
            attributes = _k(3, 3, strides=[2, 1], pads=[1, 0, 0, 1])
            flags = ("range-ends", "padding", "equal-maxima", "stride", "asymmetric-pads")
            comment = f"{dtype}: numbers at the ends of the type"
            requirements = ("QREF-FP-026", *(("QREF-FP-028",) if outputs == 2 else ()))
            yield make("MaxPool", "types", 12, x, attributes, requirements, flags, comment, outputs)
    values = 1.0 + np.ldexp(draw.integers(0, 2**20, (1, 1, 4, 4)).astype(np.float64), -52)
    comment = "float64 numbers that are one in float32"
    yield make("MaxPool", "types", 12, tensor(values, "float64"), _k(2, 2), ("QREF-FP-026",), (), comment, 2)


def errors() -> Iterator[Case]:
    """What the texts rule out."""
    x = floats(np.ones((1, 1, 4, 4)), "float32")
    rows: list[tuple[str, dict[str, Any]]] = [
        ("one kernel length for two dimensions", _k(2)),
        ("three strides for two dimensions", _k(2, 2, strides=[1, 1, 1])),
        ("two pads for two dimensions", _k(2, 2, pads=[1, 1])),
        ("pads beside auto_pad", _k(2, 2, pads=[1, 1, 1, 1], auto_pad="SAME_UPPER")),
        ("an auto_pad that does not exist", _k(2, 2, auto_pad="SAME")),
    ]
    for op, opset in (("MaxPool", 12), ("AveragePool", 19)):
        for comment, attributes in rows:
            request = ask(op, opset, [x], attributes, outputs=1)
            yield refused(SUITE, "error", request, ("QREF-FP-030",), ("error",), comment)


def open_cases() -> Iterator[Case]:
    """What the texts leave open, for the suite `open-behaviour`."""
    x, two = floats(np.arange(1.0, 10).reshape(1, 1, 3, 3), "float32"), floats([[[1.0, -2.0]]], "float32")
    pixel = floats([[[[1.0]]]], "float32")
    holes = floats(np.array([1.0, np.nan, 2.0, 3.0, -1.0]).reshape(1, 1, 5), "float32")
    rows: list[tuple[str, str, str, int, Tensor, dict[str, Any]]] = [
        ("nan", "NaN in a window", "MaxPool", 12, holes, _k(2)),
        ("empty-window", "windows of padding alone", "MaxPool", 12, two, _k(1, pads=[1, 1])),
        ("empty-window", "windows of padding alone", "AveragePool", 19, two, _k(1, pads=[1, 1])),
        ("empty-window", "a dilated kernel whose taps lie around one pixel", "AveragePool", 19, pixel, _k(2, 2, dilations=[2, 2], auto_pad="SAME_UPPER")),
        ("windows", "opset 11: VALID, whose printed formula gives one window less", "AveragePool", 11, x, _k(1, 1, strides=[2, 2], auto_pad="VALID")),
        ("windows", "opset 11: SAME, whose printed formula gives one window less", "AveragePool", 11, x, _k(2, 2, strides=[2, 2], auto_pad="SAME_UPPER")),
        ("windows", "opset 22: windows that start in the padding at the end, without ceil_mode", "AveragePool", 22, two, _k(2, pads=[0, 3], count_include_pad=1)),
        ("windows", "opset 19: with ceil_mode a window starts in the padding at the end; its formula counts it, the page it links to does not", "AveragePool", 19, floats([[[1.0, 2.0, 3.0, 4.0, 5.0]]], "float32"), _k(2, strides=[3], pads=[1, 1], ceil_mode=1, count_include_pad=1)),
        ("windows", "opset 12: with ceil_mode a window starts in the padding at the end", "MaxPool", 12, floats([[[1.0, 2.0, 3.0, 4.0, 5.0]]], "float32"), _k(2, strides=[3], pads=[1, 1], ceil_mode=1)),
        ("no-pixels", "an image without pixels", "GlobalAveragePool", 1, floats(np.ones((1, 2, 0)), "float32"), {}),
    ]  # fmt: skip
    for slug, comment, op, opset, image, attributes in rows:
        yield left_open("open-behaviour", slug, ask(op, opset, [image], attributes, outputs=1), (), comment)
