"""Backward passes: how the gradient of the output goes back to input, weights and bias."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.backward import bias_gradient, input_gradient, weight_gradient
from qref.conv.geometry import Geometry
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, painted

X = np.array([[1, 2, 0, 1], [0, 1, 3, 2], [2, 0, 1, 1], [1, 1, 0, 2]])
W = np.array([[1, 0, -1], [2, 1, 0], [0, -1, 1]])
G = np.array([[1, -2], [3, 1]])
OUTPUT, TAP = (1, 0), (0, 2)  # the element of g and the weight that are followed


def draw() -> Any:
    """g scattered into the input, gathered into a weight, and summed into the bias."""
    geometry = Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0))
    x, w, g = X[np.newaxis, np.newaxis], W[np.newaxis, np.newaxis], G[np.newaxis, np.newaxis]
    dx, dw, db = input_gradient(g, w, geometry, X.shape)[0, 0], weight_gradient(g, x, geometry)[0, 0], bias_gradient(g)

    sheet = Sheet(31.6, 19.6, 0.25)
    a, b, c, row = 0.8, 7.4, 16.4, 6.8
    for line, (name, note) in enumerate(
        (
            ("Input", "an element of g adds the kernel, times itself, to the window that it came from"),
            ("Weights", "a weight gathers g times the pixels that it met"),
            ("Bias", "the sum of g"),
        )
    ):
        sheet.heading(a, 0.7 + row * line, name, note)
    top = 2.6
    sheet.text(a, top + 0.4, "g = ∂loss/∂y", size=8, tone="muted", align="left")
    sheet.matrix(a, top + 1, G, lambda at: "orange-fill" if at == OUTPUT else "cell")
    sheet.text((a + 2 + b) / 2, top + 2, "scatter w", size=8, tone="muted")
    sheet.matrix(b, top + 0.5, W)
    sheet.text(b + 4.6, top + 2, "=", size=12, tone="muted")
    rows, columns = geometry.window(OUTPUT)
    sheet.matrix(c, top, dx, painted(block(dx, (rows, columns), "orange-fill")))
    sheet.frame(c + columns.start, top + rows.start, 3, 3, "orange")
    sheet.text(c + 4.6, top + 2, f"∂loss/∂x; framed: where {G[OUTPUT]}·w went", size=8, tone="muted", align="left")

    top += row
    outputs, met = geometry.along(TAP, X.shape)
    sheet.matrix(a, top + 1, G, "blue-fill")
    sheet.text((a + 2 + b) / 2, top + 2, "times x", size=8, tone="muted")
    sheet.matrix(b, top, X, painted(block(X, met, "blue-fill")))
    sheet.frame(b + met[1].start, top + met[0].start, 2, 2, "blue")
    sheet.text(b + 5.6, top + 2, "=", size=12, tone="muted")
    sheet.matrix(c, top + 0.5, dw, lambda at: "blue-fill" if at == TAP else "cell")
    sheet.frame(c + TAP[1], top + 0.5 + TAP[0], 1, 1, "blue")
    terms = " + ".join(f"{u}·{v}" for u, v in zip(G[outputs].ravel(), X[met].ravel())).replace("-", "−")
    words = f"∂loss/∂w; framed: {terms} = {dw[TAP]}".replace("+ −", "− ")
    sheet.text(c + 4.6, top + 2, words, size=8, tone="muted", align="left")

    top += row
    sheet.matrix(a, top, G, "green-fill")
    sheet.text(b + 1.5, top + 1, "Σ  =", size=12, tone="muted")
    sheet.matrix(c, top + 0.5, db.reshape(1, 1), "green-fill")
    sheet.text(c + 1.6, top + 1, "∂loss/∂bias", size=8, tone="muted", align="left")
    return sheet.figure


def block(values: NDArray[Any], where: tuple[slice, ...], fill: str) -> NDArray[Any]:
    """Fills for the cells of a matrix: `fill` in a block of it."""
    fills = np.full(values.shape, "cell", dtype=object)
    fills[where] = fill
    return fills


FIGURE = Figure("backward", "Backward passes: gradients of input, weights and bias from that of the output", draw)
