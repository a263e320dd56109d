"""Where algorithms for special operands go wrong: sparse weights, signs, and 8-bit integers with zero points."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged
from qref.vectors.generators.convolution_case import (
    SIGNS,
    SPARSE,
    SUITE,
    conv,
    counted,
    numbers,
    said,
)
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import whole


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from sparse_weights()
    yield from signs()
    yield from folded_zero_points()
    yield from integer_tails()


def sparse_weights() -> Iterator[Case]:
    """Weights with 50 to 95 of 100 zeros, rows without any, with one, and with one in the last place only."""
    draw = Draw("sparse")
    geometries: tuple[dict[str, Any], ...] = (
        {}, {"pads": [1, 1, 1, 1]}, {"strides": [2, 2], "pads": [1, 0, 0, 1]}, {"dilations": [2, 2], "pads": [2, 1, 0, 2]},
        {"group": 2}, {"group": 2, "strides": [1, 2], "pads": [0, 1, 1, 0]},
    )  # fmt: skip
    for percent, attributes in product((50, 75, 90, 95), geometries):
        w = draw.integers(1, 9, (4, 4 // attributes.get("group", 1), 3, 3)) * (
            1 - 2 * draw.integers(0, 1, (4, 1, 1, 1))
        )
        w = np.where(draw.integers(0, 99, w.shape) < percent, 0, w)
        inputs = (whole(draw, "float32", (1, 4, 5, 6), 9), numbers(w), whole(draw, "float32", (4,), 9))
        flags = ("sparse", "whole-numbers", "bias", *(("padding",) if "pads" in attributes else ()))
        flags += ("group",) if "group" in attributes else ()
        comment = f"{percent} of 100 weights are zero, {said(attributes)}"
        yield conv("sparse", inputs, attributes, SPARSE, flags, comment)
    places = {"none": [], "the first": [0], "the last": [17], "the first and the last": [0, 17], "one row": [9, 10, 11]}
    for attributes in geometries[:4]:
        w = np.zeros((len(places) + 1, 18))
        for i, kept in enumerate(places.values()):
            w[i, kept] = np.arange(1, len(kept) + 1)
        few = (counted((1, 2, 5, 5)), numbers(w.reshape(-1, 2, 3, 3)))
        comment = f"output channels with {', '.join(places)} of their weights, and one without any, {said(attributes)}"
        flags = ("sparse", "whole-numbers", "kernel-order", *(("padding",) if "pads" in attributes else ()))
        yield conv("sparse-rows", few, attributes, SPARSE, flags, comment)
    inputs = (whole(draw, "float32", (2, 3, 4, 4)), numbers(np.zeros((2, 3, 3, 3))), whole(draw, "float32", (2,)))
    yield conv("sparse-rows", inputs, {}, SPARSE, ("sparse", "whole-numbers", "bias", "batch"), "no weight at all")


def signs() -> Iterator[Case]:
    """±1 in both operands: counts of channels around machine words, and padding, which holds neither."""
    draw = Draw("signs")

    def plus_minus(shape: tuple[int, ...]) -> Tensor:
        return numbers(1 - 2 * draw.integers(0, 1, shape))

    for C in (1, 31, 32, 33, 63, 64, 65):
        for k, attributes in (
            (1, {}),
            (3, {}),
            (3, {"pads": [1, 1, 1, 1]}),
            (2, {"pads": [0, 1, 1, 0], "strides": [2, 1]}),
        ):
            inputs = (plus_minus((1, C, 3, 4)), plus_minus((2, C, k, k)))
            flags = ("signs", "whole-numbers", *(("padding",) if "pads" in attributes else ()))
            comment = f"{C} channels of ±1, a {k}×{k} kernel, {said(attributes)}"
            yield conv("signs", inputs, attributes, SIGNS, flags, comment)
    for C in (32, 65):
        ones = numbers(np.ones((1, C, 2, 2))), numbers(np.stack([np.ones((C, 1, 1)), -np.ones((C, 1, 1))]))
        yield conv("signs", ones, {}, SIGNS, ("signs", "whole-numbers"), f"{C} channels: all agree, none agrees")


def integer(
    slug: str, inputs: Sequence[Tensor | None], attributes: dict[str, Any], flags: tuple[str, ...], comment: str
) -> Case:
    """A case of ConvInteger."""
    requirements = ("QREF-CV-010", "QREF-IO-001", "QREF-IO-003", "QREF-IO-005", "QREF-IO-009")
    request = ask("ConvInteger", 10, inputs, attributes)
    return judged(SUITE, slug, request, requirements, tuple(dict.fromkeys(flags)), comment)


def folded_zero_points() -> Iterator[Case]:
    """Zero points on both sides beside padding: sums over kernel and window leave out what is padding."""
    draw = Draw("folded-zero-points")
    pads = ([0, 0, 0, 0], [1, 1, 1, 1], [2, 0, 0, 1], [0, 2, 1, 0])
    for i, (given, (strides, dilations)) in enumerate(
        product(pads, (([1, 1], [1, 1]), ([2, 2], [1, 1]), ([1, 1], [2, 2]), ([2, 1], [1, 2])))
    ):
        x_dtype, w_dtype = (("uint8", "int8"), ("int8", "int8"), ("uint8", "uint8"), ("int8", "uint8"))[
            (i + i // 4) % 4
        ]
        attributes = {"pads": given, "strides": strides, "dilations": dilations, "group": 1 + i % 2}
        x = tensor(draw.edges(*ends(x_dtype), (1, 4, 5, 5)), x_dtype)
        w = tensor(draw.edges(*ends(w_dtype), (4, 4 // (1 + i % 2), 3, 3)), w_dtype)
        zero_x = tensor(int(draw.integers(*ends(x_dtype), ())) or 7, x_dtype)
        zero_w = tensor(
            draw.integers(*ends(w_dtype), (4,)) if i % 3 else int(draw.integers(*ends(w_dtype), ())) or 7, w_dtype
        )
        flags = ("folded-zero-point", "zero-point", *(("padding",) if any(given) else ()))
        flags += ("mixed-sign",) if x_dtype != w_dtype else ()
        flags += ("per-channel",) if zero_w.shape else ()
        comment = f"x {x_dtype}, w {w_dtype}, {said(attributes)}"
        yield integer("zero-points", (x, w, zero_x, zero_w), attributes, flags, comment)
    for z_x, z_w in ((255, -128), (0, 127), (128, 0), (1, 1)):
        x, w = tensor(np.full((1, 2, 2, 2), z_x), "uint8"), tensor(draw.integers(-128, 127, (2, 2, 3, 3)), "int8")
        comment = f"an image of nothing but its zero point {z_x}, padded: every sum is zero"
        inputs = (x, w, tensor(z_x, "uint8"), tensor(z_w, "int8"))
        flags = ("folded-zero-point", "zero-point", "padding")
        yield integer("zero-points", inputs, {"pads": [1, 1, 1, 1]}, flags, comment)
        w = tensor(np.full((2, 2, 3, 3), z_w), "int8")
        comment = f"a kernel of nothing but its zero point {z_w}, padded: every sum is zero"
        inputs = (
            tensor(draw.integers(0, 255, (1, 2, 2, 2)), "uint8"),
            w,
            tensor(z_x, "uint8"),
            tensor(z_w, "int8"),
        )
        yield integer("zero-points", inputs, {"pads": [1, 1, 1, 1]}, flags, comment)


def ends(dtype: str) -> tuple[int, int]:
    """Lowest and highest value of an 8-bit type."""
    return (-128, 127) if dtype == "int8" else (0, 255)


def integer_tails() -> Iterator[Case]:
    """Reductions that no group of 4 products divides, and channel counts around blocks; pairs that leave int16."""
    draw = Draw("integer-tails")
    for i, (C, M, k) in enumerate(
        (
            (1, 1, 1),
            (2, 3, 1),
            (3, 2, 1),
            (5, 4, 1),
            (6, 5, 3),
            (7, 16, 1),
            (9, 17, 2),
            (15, 3, 1),
            (17, 9, 1),
            (31, 5, 1),
            (33, 8, 1),
            (63, 2, 1),
            (65, 33, 1),
            (3, 8, 3),
        )
    ):
        x_dtype, w_dtype = (("uint8", "int8"), ("int8", "int8"), ("uint8", "uint8"), ("int8", "uint8"))[i % 4]
        x = tensor(draw.edges(*ends(x_dtype), (1, C, 4, 3)), x_dtype)
        w = tensor(draw.edges(*ends(w_dtype), (M, C, k, k)), w_dtype)
        zero_points = (tensor(100, x_dtype), tensor(5, w_dtype)) if i % 2 else ()
        flags = ("channel-tail", "range-ends", *(("zero-point",) if zero_points else ()))
        flags += ("mixed-sign",) if x_dtype != w_dtype else ()
        comment = f"{C} input and {M} output channels, a {k}×{k} kernel: {C * k * k} products a sum"
        yield integer("channels", (x, w, *zero_points), {}, flags, comment)
    for C, k in ((2, 1), (4, 2), (8, 3)):
        x, w = tensor(np.full((1, C, k + 1, k + 1), 255), "uint8"), tensor(np.full((2, C, k, k), 127), "int8")
        comment = f"{C * k * k} products of 255 and 127: two of them leave int16"
        yield integer(
            "pairs", (x, w), {"pads": [1, 1, 1, 1]}, ("pair-saturation", "range-ends", "mixed-sign", "padding"), comment
        )
