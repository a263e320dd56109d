"""Semidiscrete decomposition of a small matrix: each term beside what it leaves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures.figure import Figure
from qref.figures.sheet import Sheet
from qref.quantizers.semidiscrete import FixedPointFactorized

W = np.array([[6, 5, 0, -5, 1], [5, 6, 1, -6, 0], [1, 0, -4, 1, 4], [-5, -6, 5, 6, -4]], np.float32)
TERMS = 3
STEP = 8.6  # from one panel to the next


def draw() -> Any:
    """W, and for each term x at the left, yᵀ above, d in the corner, the residual inside."""
    layer = FixedPointFactorized(TERMS).encode(W)
    M, K = W.shape
    sheet = Sheet(1.4 + (K + 0.6) + TERMS * STEP, M + 5.6, 0.27)
    left, top = 0.8, 3.6
    panel(sheet, left, top, W, "W", W)
    for i in range(TERMS):
        R = W - layer_of(layer.X, layer.D, layer.Y, i + 1)
        x = left + K + 0.2 + i * STEP + 2.6
        panel(sheet, x, top, R, f"after term {i + 1}", W)
        sheet.matrix(x - 1.3, top, layer.X[:, i : i + 1], tone(layer.X[:, i : i + 1]))
        sheet.matrix(x, top - 1.3, layer.Y[i : i + 1], tone(layer.Y[i : i + 1]))
        sheet.text(x - 0.8, top - 0.8, f"{layer.D[i]:.3g}", size=8, tone="blue")
        sheet.arrow(x - 2.5, top + M / 2, x - 1.6, top + M / 2)
    words = "x at the left, y above, d in the corner; inside, what is left"
    sheet.text(left, top + M + 1.2, words, size=8, tone="muted", align="left")
    return sheet.figure


def panel(sheet: Sheet, x: float, y: float, R: NDArray[Any], words: str, W: NDArray[Any]) -> None:
    """A residual with its share of the energy of W."""
    share = float((R.astype(np.float64) ** 2).sum() / (W.astype(np.float64) ** 2).sum())
    sheet.heading(x, y - 2.9, words, f"{100 * share:.3g} % of ‖W‖²")
    sheet.matrix(x, y, np.array([[number(v) for v in row] for row in R]))


def number(value: float) -> str:
    """One digit behind the point, none where it is 0."""
    return f"{round(float(value), 1) + 0.0:g}"


def layer_of(X: NDArray[Any], D: NDArray[Any], Y: NDArray[Any], terms: int) -> NDArray[Any]:
    """The sum of the first terms."""
    return np.asarray((X[:, :terms] * D[:terms]) @ Y[:terms])


def tone(factor: NDArray[Any]) -> Any:
    """+1 and −1 in a colour each, zeros blank."""
    return lambda at: {1: "blue-fill", -1: "orange-fill"}.get(int(factor[at]), "cell")


FIGURE = Figure("factorized", "Semidiscrete decomposition: ternary vectors, a scale, and what each term leaves", draw)
