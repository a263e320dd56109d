"""int8 convolution: the zero points folded out of the inner loop by sums of rows and windows."""

from typing import Any

import numpy as np

from qref.conv.geometry import Geometry
from qref.conv.zero_point import folded, int8_direct
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet

WINDOW = np.array([-3, 7, 5, 0], np.int8)  # four channels of one pixel
KERNELS = np.array([[2, -1, 4, 3], [0, 5, -2, 1], [-4, 1, 1, 2]], np.int8)
Z_X, Z_W = -2, 1
TONES = ("cell", "blue-fill", "orange-fill", "purple-fill")


def draw() -> Any:
    """A window, three kernels, their sums, and the four terms that add up to the accumulators."""
    n = WINDOW.size
    wide, narrow = WINDOW.astype(np.int32), KERNELS.astype(np.int32)
    xw, w_sums, x_sum = narrow @ wide, narrow.sum(axis=1), wide.sum()
    y = folded(xw, x_sum, w_sums, n, Z_X, np.array(Z_W, np.int32))
    geometry = Geometry((1,), (1,), (1,), (0,), (0,))
    checked = int8_direct(WINDOW.reshape(1, n, 1), KERNELS[:, :, np.newaxis], geometry, Z_X, Z_W).ravel()
    assert np.array_equal(y, checked) and np.array_equal(y, (narrow - Z_W) @ (wide - Z_X))

    sheet = Sheet(30.5, 15, 0.25)
    left, right, top = 0.8, 10.8, 2.4
    sheet.heading(left, 0.7, "Window x", f"n = {n} taps, zero point {minus(Z_X)}")
    sheet.matrix(left, top, WINDOW.reshape(n, 1))
    sheet.text(left + 1.7, top + 1.6, f"Σ x = {x_sum}", tone="orange", align="left")
    sheet.text(left + 1.7, top + 2.3, "once for all output channels", size=8, tone="muted", align="left")
    sheet.heading(right, 0.7, "Kernels w", f"one a row, zero point {Z_W}")
    sheet.matrix(right, top, KERNELS)
    sheet.heading(right + 6.4, 0.7, "Σ w", "once a network")
    sheet.matrix(right + 6.4, top, w_sums.reshape(-1, 1), "blue-fill", wide=1.4)

    below = top + 7.2
    terms = (
        ("$\\Sigma\\, x w$", "the inner loop", xw),
        ("$-\\, z_x\\, \\Sigma\\, w$", f"{minus(-Z_X)} · Σ w", -Z_X * w_sums),
        ("$-\\, z_w\\, \\Sigma\\, x$", f"{minus(-Z_W)} · Σ x", np.full_like(xw, -Z_W * x_sum)),
        ("$+\\, n\\, z_x z_w$", f"{n} · ({minus(Z_X)}) · {Z_W}", np.full_like(xw, n * Z_X * Z_W)),
    )
    for i, (name, note, values) in enumerate(terms):
        x = left + 6 * i
        sheet.heading(x, below - 1.7, name, note)
        sheet.matrix(x, below, values.reshape(-1, 1), TONES[i], wide=3.4)
        sheet.text(x + 4.7, below + 1.5, "=" if i == 3 else "+", size=12, tone="muted")
    sheet.heading(left + 24, below - 1.7, "Accumulators", r"$\Sigma\,(x - z_x)(w - z_w)$")
    sheet.matrix(left + 24, below, y.reshape(-1, 1), "green-fill", wide=3.4)
    words = "All in 32 bits: no sum of two products passes through 16."
    sheet.text(left, below + 4.4, words, size=8, tone="muted", align="left")
    return sheet.figure


def minus(number: int) -> str:
    """−2 with the sign that numbers have in the cells."""
    return str(number).replace("-", "−")


FIGURE = Figure("int8", "int8 convolution: zero points folded by the sums of windows and kernels", draw)
