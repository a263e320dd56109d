"""A scalar codebook of two bits: weights, their four clusters, and the codebook, in the four colours of the seed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.optimal_scalar import ScalarCodebook
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.numerics.philox import words
from qref.quantizers.encoded import Coded

SIDE, TERMS = 6, 4
TONES = ("red", "orange", "green", "blue")  # of the codes 00, 01, 10, 11


def weights() -> NDArray[np.float32]:
    """Sums of four even numbers less 2, of the documented stream, two places behind the point: [6, 6]."""
    even = words(3, 0, TERMS * SIDE * SIDE).reshape(TERMS, SIDE, SIDE) * 2.0**-32
    return np.asarray(np.round(even.sum(axis=0) - TERMS / 2, 2) + 0.0, np.float32)  # no -0.00


def draw() -> Any:
    """Weights on the left, their places and the values above a line in the middle, codes on the right."""
    from matplotlib.figure import Figure as Sheet

    W = weights()
    encoded = ScalarCodebook(2).encode(W)
    sheet = Sheet(figsize=(8.6, 3.3), layout="constrained")
    left, middle, right = sheet.subplots(1, 3, width_ratios=(1, 1.25, 1))
    cells(left, W, encoded, "weights, 32 bits each", lambda i: f"{W.flat[i]:.2f}")
    clusters(middle, W, encoded)
    cells(right, W, encoded, "codes, 2 bits each", lambda i: f"{encoded.codes.flat[i]:02b}")
    return sheet


def cells(axes: Any, W: NDArray[np.float32], encoded: Coded, title: str, text: Any) -> None:
    """The matrix, each cell in the colour of its code."""
    from matplotlib.patches import Rectangle

    for i, code in enumerate(encoded.codes.flat):
        y, x = divmod(i, W.shape[1])
        face, edge = colour(f"{TONES[code]}-fill"), colour("paper")
        axes.add_patch(Rectangle((x, y), 1, 1, facecolor=face, edgecolor=edge, linewidth=1.5))
        axes.text(x + 0.5, y + 0.5, text(i), ha="center", va="center", fontsize=7.5)
    axes.set_xlim(0, W.shape[1])
    axes.set_ylim(W.shape[0], 0)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(title, fontsize=9)


def clusters(axes: Any, W: NDArray[np.float32], encoded: Coded) -> None:
    """Each weight as a mark on its line, each value of the codebook above it."""
    for code, value in enumerate(encoded.codebooks[0].tolist()):
        tone = colour(TONES[code])
        members = W[encoded.codes == code]
        axes.plot(members, np.zeros(members.size), "|", color=tone, markersize=14)
        axes.plot([value, value], [0, 0.7], color=tone, linewidth=1)
        axes.plot([value], [0.7], "o", color=tone, markersize=7)
        axes.text(value, 0.85, f"{code:02b}\n{value:.2f}", ha="center", va="bottom", fontsize=8.5)
    axes.axhline(0, color=colour("hair"), linewidth=0.7, zorder=0)
    axes.set_ylim(-0.6, 1.6)
    axes.set_yticks([])
    axes.set_xlabel("weight")
    axes.set_title("clusters and codebook", fontsize=9)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)


FIGURE = Figure(
    "codebook-scalar", "Weights of 32 bits, their four clusters with one value each, and codes of 2 bits", draw
)
