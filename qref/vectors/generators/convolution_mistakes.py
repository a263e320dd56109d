"""Cases after mistakes that the other cases of the suite `convolution` catch seldom or in one operator alone."""

from collections.abc import Iterator
from typing import Any

from qref.numerics.tensor import tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged
from qref.vectors.generators.convolution_case import GROUPED, SUITE, TRANSFORMED, conv, numbers, said
from qref.vectors.generators.draw import Draw


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from bright_images()
    yield from integer_signs()
    yield from depthwise_integers()


def bright_images() -> Iterator[Case]:
    """float16 pixels far from zero under small weights: F(4×4, 3×3)'s transform of them leaves float16, or its digits."""
    draw = Draw("bright-images")
    rows: tuple[tuple[int, int, int, dict[str, Any]], ...] = (
        (8, 1000, 2000, {}),
        (8, 1000, 2000, {"pads": [1, 1, 1, 1]}),
        (20, 100, 255, {"pads": [1, 1, 1, 1]}),
        (4, -2000, 2000, {"pads": [1, 0, 0, 1]}),
    )
    for C, lowest, highest, attributes in rows:
        x = numbers(draw.integers(lowest, highest, (1, C, 6, 6)), "float16")
        w = numbers(draw.integers(-15, 15, (2, C, 3, 3)) / 64, "float16")
        comment = f"pixels from {lowest} to {highest}, weights below 1/4, {said(attributes)}"
        flags = ("tile-tail", *(("padding",) if "pads" in attributes else ()))
        yield conv("bright-image", (x, w), attributes, TRANSFORMED, flags, comment)


def integer_signs() -> Iterator[Case]:
    """±1 as int8: what a binary kernel takes over from ConvInteger."""
    draw = Draw("integer-signs")
    rows: tuple[tuple[int, int, dict[str, Any]], ...] = (
        (3, 1, {}),
        (9, 3, {"pads": [1, 1, 1, 1]}),
        (16, 2, {"pads": [0, 1, 1, 0], "strides": [2, 1]}),
    )
    for C, k, attributes in rows:
        x, w = (tensor(1 - 2 * draw.integers(0, 1, shape), "int8") for shape in ((1, C, 3, 4), (2, C, k, k)))
        flags = ("signs", "default-zero-point", *(("padding",) if "pads" in attributes else ()))
        comment = f"{C} channels of ±1 in int8, a {k}×{k} kernel, {said(attributes)}"
        request = ask("ConvInteger", 10, (x, w), attributes)
        yield judged(SUITE, "signs", request, ("QREF-IO-001", "QREF-IO-005"), flags, comment)


def depthwise_integers() -> Iterator[Case]:
    """Several output channels an input channel, more of them than input channels a group: order and offset show."""
    draw = Draw("depthwise-order")
    for C, multiplier, attributes in ((3, 2, {}), (2, 3, {"pads": [1, 0, 0, 1]}), (5, 2, {"strides": [2, 1]})):
        x, w = (1, C, 4, 3), (C * multiplier, 1, 2, 2)
        grouped = {**attributes, "group": C}
        flags = ("group", "depthwise", "batch", *(("padding",) if "pads" in attributes else ()))
        comment = f"{C} input channels, {multiplier} output channels each, {said(grouped)}"
        integers = tensor(draw.integers(0, 255, (2, *x[1:])), "uint8"), tensor(draw.integers(-128, 127, w), "int8")
        request = ask("ConvInteger", 10, (*integers, tensor(7, "uint8")), grouped)
        yield judged(SUITE, "depthwise-order", request, ("QREF-IO-004", "QREF-IO-009"), flags, comment)
        floats = [numbers(draw.integers(-9, 9, shape)) for shape in ((2, *x[1:]), w, (w[0],))]
        yield conv("depthwise-order", floats, grouped, GROUPED, (*flags, "bias", "whole-numbers"), comment)
