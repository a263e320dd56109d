"""Where layouts of a convolution go wrong: channels, taps, groups, lengths, partitions and tails of blocks."""

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from qref.vectors.case import Case
from qref.vectors.generators.convolution_case import (
    CONVOLUTION,
    GROUPED,
    LENGTHS,
    LOWERED,
    TAILS,
    conv,
    counted,
    numbers,
    said,
)
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import whole


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from seed_example()
    yield from one_weight_each()
    yield from groups()
    yield from output_lengths()
    yield from partitions()
    yield from channel_tails()
    yield from width_tails()


def seed_example() -> Iterator[Case]:
    """The 5×5 image and 3×3 kernel that slides draw."""
    image = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
    kernel = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    inputs = numbers([[image]]), numbers([[kernel]])
    comment = "the 5×5 image under a 3×3 kernel of the slides: 4 3 4, 2 4 3, 2 3 4"
    yield conv("slides", inputs, {}, CONVOLUTION, ("whole-numbers",), comment)


def one_weight_each() -> Iterator[Case]:
    """An output channel for each tap, its weight 1 and all others 0: the channel is the image, shifted."""
    rows: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
        ((1, 2, 4, 5), (2, 2, 3), {}),
        ((1, 3, 3, 3), (3, 2, 2), {}),
        ((2, 1, 4, 4), (1, 3, 3), {"pads": [1, 1, 1, 1]}),
        ((1, 2, 5, 5), (2, 2, 2), {"strides": [2, 1]}),
        ((1, 2, 5, 6), (2, 2, 2), {"dilations": [1, 3]}),
        ((1, 2, 7, 7), (2, 3, 3), {"strides": [1, 2], "dilations": [2, 1], "pads": [1, 0, 2, 1]}),
        ((1, 3, 6), (3, 3), {"pads": [2, 0]}),
        ((1, 2, 3, 3, 4), (2, 2, 2, 2), {}),
    ]
    for x_shape, kernel, attributes in rows:
        taps = math.prod(kernel)
        w = np.eye(taps).reshape(taps, *kernel)
        flags = ("whole-numbers", "channel-order", "kernel-order")
        comment = f"one weight of each [{', '.join(map(str, kernel))}] in its own output channel, {said(attributes)}"
        yield conv("one-weight", (counted(x_shape), numbers(w)), attributes, CONVOLUTION, flags, comment)
    draw = Draw("channel-order")
    for C, k, attributes in ((3, (2, 3), {}), (4, (3, 2), {"pads": [1, 1, 1, 1]}), (5, (1, 4), {"strides": [1, 2]})):
        inputs = counted((1, C, 5, 6)), whole(draw, "float32", (2, C, *k), 20)
        comment = f"{C} channels and a {k[0]}×{k[1]} kernel, no two elements of the image alike, {said(attributes)}"
        yield conv("channel-order", inputs, attributes, CONVOLUTION, ("whole-numbers", "channel-order"), comment)


def groups() -> Iterator[Case]:
    """Groups whose weights are tens apart: an offset by channels of input or output lands in another ten."""
    for G, C_g, M_g, kernel, attributes in (
        (2, 1, 3, (2, 2), {}),
        (2, 3, 1, (2, 2), {}),
        (3, 2, 2, (1, 1), {}),
        (3, 2, 4, (3, 3), {"pads": [1, 1, 1, 1]}),
        (4, 1, 1, (3, 3), {"pads": [1, 1, 1, 1]}),
        (4, 1, 2, (3, 3), {"strides": [2, 2]}),
        (3, 1, 3, (2, 2), {"dilations": [2, 2]}),
        (5, 3, 2, (1, 2), {}),
        (8, 1, 1, (3, 3), {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
        (17, 1, 1, (3, 3), {"pads": [0, 1, 1, 0]}),
        (2, 5, 7, (1, 1), {}),
    ):
        x, M = counted((1, G * C_g, 4, 4)), G * M_g
        w = 10.0 * (np.arange(M) // M_g + 1).reshape(-1, 1, 1, 1) + np.arange(C_g * math.prod(kernel)).reshape(
            1, C_g, *kernel
        )
        bias = numbers(np.arange(M) * 1000)
        comment = f"{G} groups of {C_g} input and {M_g} output channels, {said(attributes)}"
        flags = ("whole-numbers", "group", "bias", *(("depthwise",) if C_g == 1 else ()))
        given = {**attributes, "group": G}
        yield conv("group-offset", (x, numbers(w), bias), given, GROUPED, flags, comment)


def output_lengths() -> Iterator[Case]:
    """Every remainder of a stride: lengths are rounded down, and the last elements are met by no window."""
    for s, d, k in ((2, 1, 3), (3, 1, 2), (2, 2, 2), (4, 1, 3), (3, 2, 3)):
        for rest in range(s):
            for pads in ([0, 0], [1, 2]):
                length = (k - 1) * d + 1 + s + rest - sum(pads)
                if length < 1:
                    continue
                x, w = counted((1, 2, length)), numbers(np.arange(1, 4 * k + 1).reshape(2, 2, k) % 7)
                attributes = {"strides": [s], "dilations": [d], "pads": pads}
                flags = ("whole-numbers", "stride", "one-dimensional", *(("dilation",) if d > 1 else ()))
                flags += ("padding", "asymmetric-pads") if sum(pads) else ()
                comment = f"{rest} elements remain of a stride of {s}, {said(attributes)}"
                yield conv("remainder", (x, w), attributes, LENGTHS, flags, comment)


def partitions() -> Iterator[Case]:
    """Kernel heights, vertical strides and vertical padding: partitions of MEC's lowered matrix share rows or skip some."""
    draw = Draw("partitions")
    for k_h, s_h, (top, bottom) in product((2, 3, 5), (1, 2, 3, 4), ((0, 0), (2, 0), (0, 1), (1, 2))):
        height = k_h + 2 * s_h + 1 - top - bottom
        if height < 1:
            continue
        x, w = whole(draw, "float32", (1, 2, height, 4), 9), whole(draw, "float32", (2, 2, k_h, 2), 9)
        given = {"strides": [s_h, 1], "pads": [top, 0, bottom, 0]}
        flags: tuple[str, ...] = ("whole-numbers", "overlapping-rows")
        flags += ("padding", "asymmetric-pads") if top + bottom else ()
        flags += ("stride",) if s_h > 1 else ()
        comment = f"partitions of {k_h} rows, {s_h} apart, {top} padded rows above and {bottom} below"
        yield conv("partitions", (x, w), given, LOWERED, flags, comment)
    rows: tuple[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]], ...] = (
        ((3, 2, 5, 5), (3, 3), {}),
        ((2, 3, 4, 6), (3, 2), {"strides": [1, 2]}),
        ((2, 2, 6, 5), (2, 3), {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
        ((1, 4, 7, 5), (3, 3), {"group": 2, "pads": [1, 0, 1, 0]}),
        ((2, 2, 7, 7), (3, 2), {"dilations": [2, 3], "pads": [1, 1, 1, 1]}),
        ((2, 5, 3, 9), (3, 9), {}),
        ((2, 5, 9, 3), (1, 3), {}),
    )
    for shape, kernel, attributes in rows:
        w = whole(draw, "float32", (4, shape[1] // attributes.get("group", 1), *kernel), 9)
        comment = f"{shape[0]} images of {shape[1]} channels, {said(attributes)}"
        flags = ("whole-numbers", "overlapping-rows", *(("batch",) if shape[0] > 1 else ()))
        yield conv("lowered", (whole(draw, "float32", shape, 9), w), attributes, LOWERED, flags, comment)


def channel_tails() -> Iterator[Case]:
    """Channel counts around the blocks of 4, 8, 16 and 32 that fast paths pack."""
    draw = Draw("channel-tails")
    counts = (
        (1, 17),
        (17, 1),
        (3, 5),
        (4, 4),
        (5, 3),
        (7, 9),
        (8, 8),
        (9, 7),
        (12, 20),
        (15, 17),
        (16, 16),
        (17, 15),
        (24, 6),
        (31, 33),
        (32, 32),
        (33, 31),
    )
    for C, M in counts:
        k = 3 if C * M <= 150 else 1
        pad = [1, 1, 1, 1] if k == 3 else [0] * 4
        inputs = (
            whole(draw, "float32", (1, C, 3, 4), 9),
            whole(draw, "float32", (M, C, k, k), 9),
            whole(draw, "float32", (M,), 99),
        )
        flags = ("channel-tail", "whole-numbers", "bias", *(("padding",) if k == 3 else ()))
        comment = f"{C} input and {M} output channels, a {k}×{k} kernel"
        yield conv("channels", inputs, {"pads": pad} if k == 3 else {}, TAILS, flags, comment)
    for dtype, C, M in (("float16", 9, 7), ("bfloat16", 9, 7), ("float16", 33, 17), ("bfloat16", 33, 17)):
        narrow = (whole(draw, dtype, (1, C, 2, 3), 4), whole(draw, dtype, (M, C, 1, 1), 4))
        comment = f"{dtype}: {C} input and {M} output channels"
        yield conv("channels", narrow, {}, TAILS, ("channel-tail", "whole-numbers"), comment)


def width_tails() -> Iterator[Case]:
    """Output widths that no vector register divides, in one dimension and in rows of an image."""
    draw = Draw("width-tails")
    for width in (*range(1, 10), 15, 16, 17, 31, 33):
        inputs = (whole(draw, "float32", (1, 2, width + 2), 9), whole(draw, "float32", (3, 2, 3), 9))
        comment = f"rows of {width}"
        flags = ("row-tail", "whole-numbers", "one-dimensional")
        yield conv("width", inputs, {}, TAILS, flags, comment)
        if width < 18:
            inputs = (whole(draw, "float32", (1, 1, 3, 2 * width - 1), 9), whole(draw, "float32", (2, 1, 3, 3), 9))
            attributes = {"pads": [1, 1, 1, 1], "strides": [2, 2]}
            comment = f"{comment}, {said(attributes)}"
            yield conv("width", inputs, attributes, TAILS, (*flags[:2], "padding", "stride"), comment)
