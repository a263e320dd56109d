"""Winograd's F(2×2, 3×3): overlapping tiles of an image of numbered pixels, and one tile on its way to four outputs."""

from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.conv.winograd import F2, pixels, tiles, transform
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, copies

SIDE = 6
TONES = ("orange", "blue", "green", "purple")
KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])


def draw() -> Any:
    """Image with its tiles; d → Bᵀ d B, g → G g Gᵀ, their product, Aᵀ(·)A; the output with its tiles."""
    geometry = Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0))
    image = np.arange(1, SIDE * SIDE + 1).reshape(SIDE, SIDE)
    output = geometry.output(image.shape)
    corners = [corner for _, corner in tiles(output, F2.m)]
    under = [pixels(image[np.newaxis], geometry, corner, F2.alpha)[0] for corner in corners]
    times = Counter(int(pixel) for d in under for pixel in d.ravel())

    sheet = Sheet(34.2, 18.2, 0.235)
    top, left = 2.4, 0.8
    sheet.heading(left, 0.7, "Image", "tiles of 4×4 pixels, overlapping by 2")
    sheet.matrix(left, top, image, lambda at: copies(times[int(image[at])]), size=7)
    for tile, (i, j) in enumerate(corners):
        inset = 0.06 * tile
        sheet.frame(left + j + inset, top + i + inset, F2.alpha - 2 * inset, F2.alpha - 2 * inset, TONES[tile])
    counts = sorted(set(times.values()))
    sheet.legend(left, top + SIDE + 0.8, "tiles that a pixel is in", [copies(n) for n in counts], counts)
    sheet.heading(left, top + 9.7, "Output", "each tile gives 2×2")
    names = np.array([[f"$y_{{{p}{q}}}$" for q in range(output[1])] for p in range(output[0])])
    sheet.matrix(left, top + 11.2, names, lambda at: f"{TONES[corners.index((at[0] // 2 * 2, at[1] // 2 * 2))]}-fill")
    road(sheet, under[0])
    return sheet.figure


def road(sheet: Sheet, d: NDArray[Any]) -> None:
    """One tile and the kernel, transformed, multiplied and transformed back, in fractions."""
    exact = [np.array(matrix, dtype=object) * Fraction(1) for matrix in (F2.B_T, F2.G, F2.A_T)]
    B_T, G, A_T = exact
    V, U = transform(B_T, d * Fraction(1), 2), transform(G, KERNEL * Fraction(1), 2)
    M = U * V
    Y = transform(A_T, M, 2)
    a, b, c, e = 10.2, 17.2, 24.2, 30.8
    above, below, middle = 2.4, 11.4, 6.9
    sheet.heading(a, 0.7, "Tile d")
    sheet.matrix(a, above, d, "orange-fill", size=7)
    sheet.heading(a, below - 1.2, "Kernel g")
    sheet.matrix(a + 0.5, below, KERNEL, size=7)
    sheet.heading(b, 0.7, "$B^T d\\,B$")
    sheet.matrix(b, above, V, "orange-fill", size=7)
    sheet.heading(b, below - 1.2, "$G\\,g\\,G^T$", "")
    sheet.matrix(b, below, U, size=7)
    sheet.text(b, below + 4.7, "once a network", size=8, tone="muted", align="left")
    sheet.heading(c, middle - 1.7, "Product", "16 multiplications, not 36")
    sheet.matrix(c, middle + 0.2, M, "orange-fill", size=7)
    sheet.heading(e, middle - 1.7, "$A^T(\\cdot)\\,A$")
    sheet.matrix(e, middle + 1.2, Y, "orange-fill", size=7)
    sheet.arrow(a + 4.4, above + 2, b - 0.4, above + 2)
    sheet.arrow(a + 4.4, below + 1.5, b - 0.4, below + 1.5)
    sheet.arrow(b + 4.4, above + 3, c - 0.4, middle + 1.4)
    sheet.arrow(b + 4.4, below + 1, c - 0.4, middle + 3.2)
    sheet.arrow(c + 4.4, middle + 2.2, e - 0.4, middle + 2.2)
    sheet.text(c + 2, middle + 5.0, "summed over channels", size=8, tone="muted")


FIGURE = Figure("winograd", "Winograd F(2×2, 3×3): overlapping tiles, and one tile on its way to four outputs", draw)
