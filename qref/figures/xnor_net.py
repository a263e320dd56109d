"""XNOR-Net's K: the mean magnitude of the image under every window."""

from typing import Any

import numpy as np

from qref.conv.geometry import Geometry
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet
from qref.quantizers.binary_weight import sign
from qref.quantizers.xnor_net import scaling_factors

I = np.array(
    [[2, -1, 0, 3, -2], [-4, 1, 2, -1, 0], [1, -3, 5, 2, -1], [0, 2, -1, -4, 3], [3, 0, 1, -2, -5]], np.float32
)
PLAIN = Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0))


def draw() -> Any:
    """An image of one channel, its signs, its magnitudes A, and K under windows of 3×3."""
    K = scaling_factors(I.reshape(1, 1, 5, 5), PLAIN)[0, 0]
    sheet = Sheet(27.0, 9.2, 0.27)
    top = 2.8
    sheet.heading(0.8, 0.7, "I", "the image")
    sheet.matrix(0.8, top, I.astype(np.int64), lambda at: sign_of(float(I[at])))
    sheet.heading(7.2, 0.7, "sign(I)", "what is multiplied")
    sheet.matrix(7.2, top, np.where(sign(I) > 0, "+1", "−1"), lambda at: sign_of(float(I[at])))
    sheet.heading(14.2, 0.7, "A = |I|", "mean over channels")
    sheet.matrix(14.2, top, np.abs(I).astype(np.int64))
    sheet.frame(14.2, top, 3, 3, "green")
    sheet.heading(21.4, 0.7, "K = A ∗ k", "k = 1/9 everywhere")
    shown = np.array([[f"{float(value):.2f}" for value in row] for row in K])
    sheet.matrix(21.4, top, shown, lambda at: "green-fill" if at == (0, 0) else "cell", wide=1.5)
    sheet.arrow(17.4, top + 1.5, 21.2, top + 0.5, "green")
    return sheet.figure


def sign_of(value: float) -> str:
    """A fill for each sign."""
    return "blue-fill" if value >= 0 else "orange-fill"


FIGURE = Figure("xnor-net", "An image, its signs, its magnitudes, and their mean under every window", draw)
