"""Sparse matrix product: a compressed row of weights times the column matrix of numbered pixels."""

from typing import Any

import numpy as np

from qref.conv.csr import compress
from qref.conv.geometry import Geometry
from qref.conv.im2col import lower
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, painted

SIDE = 5
KERNELS = np.array([[0, 3, 0, 0, 0, -2, 5, 0, 0], [1, 0, 0, 0, 4, 0, 0, 0, 0]])
TONES = ("orange", "blue")


def draw() -> Any:
    """Two kernels in rows, the rows of the column matrix that they touch, and the three arrays that hold them."""
    geometry = Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0))
    image = np.arange(1, SIDE * SIDE + 1).reshape(1, SIDE, SIDE)
    columns = np.empty((1, 3, 3, *geometry.output((SIDE, SIDE))), image.dtype)
    lower(image, geometry, columns)
    matrix = columns.reshape(9, 9)
    sparse = compress(KERNELS)
    owner = {
        int(sparse.columns[j]): TONES[m] for m in range(2) for j in range(sparse.rows[m], sparse.rows[m + 1])
    }  # a row of the column matrix: the kernel that reads it

    sheet = Sheet(27.6, 17.6)
    left, right, top = 0.8, 14.4, 2.4
    sheet.heading(left, 0.7, "Weights", "a kernel a row, zeros left out")
    words = np.where(KERNELS == 0, "", KERNELS.astype(str))
    sheet.matrix(left, top, words, lambda at: f"{TONES[at[0]]}-fill" if KERNELS[at] else "paper", size=8)
    arrays = (("values", sparse.values), ("columns", sparse.columns), ("rows", sparse.rows))
    for line, (name, values) in enumerate(arrays):
        y = top + 3.6 + 1.5 * line
        sheet.text(left, y + 0.5, name, size=8, tone="muted", align="left")
        first = np.arange(len(values)) < sparse.rows[1]
        fills = np.where(first, f"{TONES[0]}-fill", f"{TONES[1]}-fill") if name != "rows" else np.full(3, "cell")
        sheet.matrix(left + 3.4, y, values.reshape(1, -1), painted(fills.reshape(1, -1)), size=8)

    sheet.heading(right, 0.7, "Column matrix", "only the rows of weights that are not zero are read")
    sheet.matrix(right, top, matrix, lambda at: f"{owner[at[0]]}-fill" if at[0] in owner else "paper")
    for tap in range(9):
        sheet.text(right - 0.5, top + tap + 0.5, str(tap), size=6.5, tone="muted")
    below = top + 12
    sheet.heading(right, below - 1.9, "Output", "each weight adds itself times its row")
    outputs = np.array([[f"${name}_{{{p + 1}}}$" for p in range(9)] for name in "yz"])
    sheet.matrix(right, below, outputs, lambda at: f"{TONES[at[0]]}-fill")
    for m, letter in enumerate("yz"):
        terms = [f"{sparse.values[j]}·row {sparse.columns[j]}" for j in range(sparse.rows[m], sparse.rows[m + 1])]
        equation = f"{letter} = {' + '.join(terms)}".replace("+ -", "− ")
        sheet.text(left, below + m + 0.5, equation, tone=TONES[m], align="left")
    return sheet.figure


FIGURE = Figure("sparse-gemm", "Sparse matrix product: compressed weights times the column matrix", draw)
