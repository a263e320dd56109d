"""Binary-Weight Networks on the seed's example: weights as signs and one mean a row."""

from typing import Any

import numpy as np

from qref.figures.figure import Figure
from qref.figures.sheet import Sheet
from qref.quantizers.binary_weight import BinaryWeight

W = np.array([[2, 1, -2, 4], [-5, 6, -3, 7], [-4, -7, 8, 3], [9, 4, -6, 7]], np.float32) / np.float32(10)


def draw() -> Any:
    """W, B and the diagonal of A, and what is left of each row."""
    encoded = BinaryWeight().encode(W)
    sheet = Sheet(23.2, 8.6, 0.3)
    top = 2.6
    sheet.heading(0.8, 0.7, "W", "the seed's weights, a channel a row")
    sheet.matrix(
        0.8, top, np.array([[f"{w:.1f}" for w in row] for row in W]), lambda at: sign_of(float(W[at])), wide=1.2
    )
    sheet.text(6.5, top + 2, "≈", size=14)
    sheet.heading(7.6, 0.7, "B", "signs")
    signs = np.where(encoded.codes > 0, "+1", "−1")
    sheet.matrix(7.6, top, signs, lambda at: sign_of(float(encoded.codes[at])))
    sheet.text(12.5, top + 2, "·", size=14)
    sheet.heading(13.4, 0.7, "α", "means of |w|")
    sheet.matrix(13.4, top, np.array([[f"{scale:.3f}"] for scale in encoded.scales]), "green-fill", wide=2)
    sheet.heading(17.2, 0.7, "W − αB", "what is left")
    rest = W - encoded.decode()
    sheet.matrix(17.2, top, np.array([[f"{r:.2f}" for r in row] for row in rest]), wide=1.4)
    share = float((rest.astype(np.float64) ** 2).sum() / (W.astype(np.float64) ** 2).sum())
    words = f"‖W − αB‖² is {100 * share:.1f} % of ‖W‖²"
    sheet.text(17.2, top + 4.9, words, size=8, tone="muted", align="left")
    return sheet.figure


def sign_of(value: float) -> str:
    """A fill for each sign."""
    return "blue-fill" if value >= 0 else "orange-fill"


FIGURE = Figure("binary-weight", "The seed's weights as signs and one mean a row, and what is left", draw)
