"""Signs by the weights and by what the layer computes: which differ, and the outputs of both."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures.figure import Figure
from qref.figures.sheet import Sheet
from qref.quantizers.binary_weight import BinaryWeight
from qref.quantizers.encoded import Scaled
from qref.quantizers.inner_product_hashing import InnerProductHashing

W = np.array([[5, -1, -1, 3, -1, -1]], np.float32)
X = np.array([[2, 1, 2, 1, 1, 2], [1, 2, 1, 0, 2, 1], [0, 1, 1, 2, 1, 1]], np.float32)


def draw() -> Any:
    """The inputs, the weights and both codes, and beside each what the layer gives."""
    bwn, bwnh = BinaryWeight().encode(W), InnerProductHashing().encode(W, inputs=X)
    sheet = Sheet(24.6, 15.2, 0.27)
    left, right, K = 6.6, 15.2, W.shape[1]
    sheet.heading(left, 0.9, "Inputs", "three samples, none negative")
    sheet.matrix(left, 2.6, X.astype(np.int64))
    sheet.heading(left, 7.0, "Weights and codes")
    sheet.heading(right, 7.0, "Outputs")
    rows: list[tuple[str, str, NDArray[Any], NDArray[Any]]] = [
        ("weights", "", W.astype(np.int64), X @ W.T),
        ("BWN", f"scale {bwn.scales[0]:.3g}", bwn.codes, X @ bwn.decode().T),
        ("BWNH", f"scale {bwnh.scales[0]:.3g}", bwnh.codes, X @ bwnh.decode().T),
    ]
    for i, (name, note, values, outputs) in enumerate(rows):
        y = 8.0 + 2.2 * i
        sheet.heading(left - 0.6, y + 0.3, name, note, align="right")
        sheet.matrix(left, y, values, "cell" if i == 0 else lambda at: fill(bwn, bwnh, at))
        shown = np.array([[f"{v:.3g}" for v in outputs[:, 0]]])
        sheet.matrix(right, y, shown, "cell", wide=1.6)
        if i:
            error = float(((outputs - X @ W.T) ** 2).sum())
            sheet.text(right + 5.4, y + 0.5, f"error {error:.3g}", size=8, tone="muted", align="left")
    sheet.span(left, left + K, 14.0, "a colour where the codes differ")
    return sheet.figure


def fill(bwn: Scaled, bwnh: Scaled, at: tuple[int, ...]) -> str:
    """Orange where the codes differ."""
    return "orange-fill" if bwn.codes[at] != bwnh.codes[at] else "cell"


FIGURE = Figure("hashing", "Signs by the weights and by the layer's outputs, and what each leaves of them", draw)
