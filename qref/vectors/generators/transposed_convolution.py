"""Where transposed convolutions go wrong: the kernel's place, groups, padding, output padding and output shape."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.tensor import Tensor
from qref.vectors.case import Case
from qref.vectors.generators.convolution_case import TRANSPOSED, conv, counted, numbers, said
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import whole


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from transposed_kernels()
    yield from transposed_padding()


def turned(
    slug: str, x: NDArray[Any] | Tensor, w: Tensor, attributes: dict[str, Any], flags: tuple[str, ...], comment: str
) -> Case:
    """A case of ConvTranspose."""
    image = x if isinstance(x, Tensor) else numbers(x)
    return conv(slug, (image, w), attributes, TRANSPOSED, ("whole-numbers", *flags), comment, "ConvTranspose")


def transposed_kernels() -> Iterator[Case]:
    """One pixel of 1: the output is the kernel, unflipped, in its place; and kernels that overlap or leave gaps."""
    rows: list[tuple[tuple[int, ...], dict[str, Any]]] = [
        ((2, 3), {}), ((3, 3), {"strides": [2, 2]}), ((2, 2), {"strides": [3, 2]}), ((2, 3), {"dilations": [2, 1]}),
        ((3, 2), {"strides": [2, 1], "dilations": [1, 3]}), ((3, 3), {"strides": [2, 2], "output_padding": [1, 0]}),
    ]  # fmt: skip
    for kernel, attributes in rows:
        for place in ((0, 0), (1, 2)):
            x = np.zeros((1, 1, 2, 3))
            x[(0, 0, *place)] = 1
            flags = ("kernel-order", *(("stride",) if "strides" in attributes else ()))
            flags += ("dilation",) if "dilations" in attributes else ()
            flags += ("output-padding",) if "output_padding" in attributes else ()
            comment = (
                f"one pixel at {list(place)}: the {kernel[0]}×{kernel[1]} kernels in their place, {said(attributes)}"
            )
            yield turned("one-pixel", x, counted((1, 2, *kernel)), attributes, flags, comment)
    for G, C_g, M_g in ((1, 2, 3), (2, 1, 2), (2, 3, 1), (3, 2, 2), (4, 1, 1)):
        w = 10.0 * (np.arange(G * C_g) // C_g + 1).reshape(-1, 1, 1, 1) + np.arange(M_g * 4).reshape(1, M_g, 2, 2)
        comment = f"{G} groups of {C_g} input and {M_g} output channels"
        attributes = {"group": G, "strides": [2, 1]}
        yield turned("group-offset", counted((1, G * C_g, 2, 3)), numbers(w), attributes, ("group", "stride"), comment)


def transposed_padding() -> Iterator[Case]:
    """Padding takes rows and columns away, each side for itself; strides with every length of output padding."""
    draw = Draw("transposed-padding")
    for pads in ([1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, 1], [2, 1, 0, 2], [2, 2, 2, 2]):
        for strides in ([1, 1], [2, 3]):
            x, w = whole(draw, "float32", (1, 2, 3, 3), 9), whole(draw, "float32", (2, 1, 3, 4), 9)
            attributes = {"pads": pads, "strides": strides}
            flags = ("transposed-padding", "asymmetric-pads", *(("stride",) if strides != [1, 1] else ()))
            yield turned("padding", x, w, attributes, flags, said(attributes))
    for s in (2, 3, 4):
        for added in range(s):
            for pads in ([0, 0], [1, 2]):
                x, w = whole(draw, "float32", (1, 2, 3), 9), whole(draw, "float32", (2, 2, 4), 9)
                attributes = {"strides": [s], "output_padding": [added], "pads": pads}
                flags = ("output-padding", "stride", "one-dimensional", *(("transposed-padding",) if sum(pads) else ()))
                yield turned("output-padding", x, w, attributes, flags, said(attributes))
    for auto_pad, lengths, strides in product(
        ("NOTSET", "SAME_UPPER", "SAME_LOWER"), ([5, 4], [4, 5], [6, 6]), ([1, 1], [2, 2])
    ):
        x, w = whole(draw, "float32", (1, 1, 3, 3), 9), whole(draw, "float32", (1, 1, 4, 4), 9)
        shaped: dict[str, Any] = {"output_shape": lengths, "strides": strides, "auto_pad": auto_pad}
        flags = ("output-shape", "transposed-padding", "even-kernel", *(("stride",) if strides != [1, 1] else ()))
        request_flags = (*flags, *((auto_pad.lower().replace("_", "-"),) if auto_pad != "NOTSET" else ()))
        inputs = (x, w)
        requirements = (*TRANSPOSED, "QREF-FP-013")
        yield conv(
            "output-shape",
            inputs,
            shaped,
            requirements,
            ("whole-numbers", *request_flags),
            said(shaped),
            "ConvTranspose",
        )
