"""Where transformed algorithms and long sums go wrong: tiles, cancellation, wrapping round, narrow accumulators."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from qref.vectors.case import Case
from qref.vectors.generators.convolution_case import CIRCULAR, CONVOLUTION, SUMS, TRANSFORMED, conv, numbers, said
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import DTYPES, drawn, whole


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from tiles()
    yield from cancelling_tiles()
    yield from wrap_around()
    yield from long_reductions()


def tiles() -> Iterator[Case]:
    """3×3 kernels at stride 1 with outputs of every size around tiles of 2×2 and 4×4, and 5×5 kernels."""
    draw = Draw("tiles")
    sizes = [(n, n) for n in range(1, 10)] + [(1, 9), (9, 1), (2, 5), (5, 2), (4, 7), (7, 4), (3, 6), (8, 3)]
    for i, (height, width) in enumerate(sizes):
        pad = i % 2 if min(height, width) > 1 else 0
        shape = (1, 3, height + 2 - 2 * pad, width + 2 - 2 * pad)
        attributes: dict[str, Any] = {"pads": [pad] * 4} if pad else {}
        flags = ("tile-tail", *(("padding",) if pad else ()))
        for fill, more in ((whole, ("whole-numbers",)), (drawn, ())):
            inputs = (fill(draw, "float32", shape), fill(draw, "float32", (2, 3, 3, 3)))
            comment = f"an output of {height}×{width}, {said(attributes)}"
            yield conv("tile", inputs, attributes, TRANSFORMED, (*flags, *more), comment)
    for dtype in ("float16", "bfloat16"):
        for height, width in ((3, 3), (4, 6), (7, 5)):
            inputs = (whole(draw, dtype, (1, 2, height, width)), whole(draw, dtype, (2, 2, 3, 3)))
            comment = f"{dtype}: an output of {height}×{width}, padded by 1"
            flags = ("tile-tail", "whole-numbers", "padding")
            yield conv("tile", inputs, {"pads": [1] * 4}, TRANSFORMED, flags, comment)
    for height, width in ((1, 1), (2, 3), (5, 6)):
        inputs = (whole(draw, "float32", (2, 2, height + 4, width + 4)), whole(draw, "float32", (2, 2, 5, 5)))
        comment = f"a 5×5 kernel, an output of {height}×{width}"
        yield conv("tile", inputs, {}, TRANSFORMED, ("tile-tail", "whole-numbers", "batch"), comment)
    others: tuple[dict[str, Any], ...] = ({"strides": [2, 2]}, {"dilations": [2, 2]}, {"strides": [1, 2]}, {"group": 3})
    for attributes in others:
        inputs = (
            whole(draw, "float32", (1, 3, 7, 8)),
            whole(draw, "float32", (3, 3 // attributes.get("group", 1), 3, 3)),
        )
        comment = f"3×3 kernels that F(2×2, 3×3) is not made for: {said(attributes)}"
        flags = ("tile-tail", "whole-numbers", *[name[:-1] if name.endswith("s") else name for name in attributes])
        yield conv("tile", inputs, attributes, CONVOLUTION, flags, comment)


def cancelling_tiles() -> Iterator[Case]:
    """Images far from zero under kernels that sum to zero, and channels of very different size: what transforms lose."""
    draw = Draw("cancelling-tiles")
    laplace = np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
    sobel = np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
    for base in (0, 2**8, 2**14, 2**20):
        x = base + draw.integers(-4, 4, (1, 1, 7, 7))
        inputs = (numbers(x), numbers(np.stack([laplace, sobel])[:, None]))
        comment = f"pixels around {base} under kernels that sum to zero"
        yield conv("edges", inputs, {}, TRANSFORMED, ("cancellation", "whole-numbers"), comment)
    for far in (8, 16, 30):
        x = np.ldexp(
            draw.signed_float32(-1, 0, (1, 2, 6, 6)).astype(np.float64), np.array([0, -far]).reshape(1, 2, 1, 1)
        )
        w = np.zeros((2, 2, 3, 3))
        w[0, 0], w[1, 1] = draw.signed_float32(-1, 0, (3, 3)), draw.signed_float32(-1, 0, (3, 3))
        comment = f"an output channel that sees only the input channel 2^{far} smaller than the other"
        yield conv("small-channel", (numbers(x), numbers(w)), {}, TRANSFORMED, ("magnitudes", "sparse"), comment)


def wrap_around() -> Iterator[Case]:
    """Kernels about as long as the image, with padding on every side: a circular convolution without room wraps."""
    draw = Draw("wrap-around")
    for D, k, pads in (
        (4, 4, [3, 3, 3, 3]),
        (5, 3, [2, 2, 2, 2]),
        (3, 7, [3, 3, 3, 3]),
        (8, 7, [3, 0, 0, 3]),
        (6, 6, [0, 5, 5, 0]),
        (9, 11, [5, 5, 5, 5]),
    ):
        inputs = (whole(draw, "float32", (1, 2, D, D)), whole(draw, "float32", (1, 2, k, k)))
        comment = f"a {k}×{k} kernel over {D}×{D} pixels, pads {pads}"
        yield conv(
            "wrap-around", inputs, {"pads": pads}, CIRCULAR, ("wrap-around", "whole-numbers", "padding"), comment
        )


def long_reductions() -> Iterator[Case]:
    """Reductions of a thousand terms and more in channels and kernel, positive and mixed."""
    draw = Draw("long-reductions")
    for dtype in DTYPES:
        for C, k in ((128, 3), (1031, 1)):
            x = draw.float32(-3, -2, (1, C, k, k + 1))
            w = np.full((1, C, k, k), 0.75)
            comment = f"{C * k * k} positive products in each sum"
            flags = ("long-sum", "channel-tail")
            yield conv("long-reduction", (numbers(x, dtype), numbers(w, dtype)), {}, SUMS, flags, comment)
        x, w2 = (draw.signed_float32(-2, 0, shape) for shape in ((1, 120, 3, 3), (1, 120, 3, 3)))
        comment = "1080 products of either sign, and a bias"
        inputs = (numbers(x, dtype), numbers(w2, dtype), numbers([0.1], dtype))
        yield conv("long-reduction", inputs, {}, SUMS, ("long-sum", "bias"), comment)
