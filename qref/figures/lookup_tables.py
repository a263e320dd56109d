"""A fully-connected layer by look-up tables: inputs, codebooks, tables, and the entries that one output adds."""

from typing import Any

import numpy as np

from qref.codebooks.lookup_tables import product, tables
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet

D = 2
X = np.array([[1, 2, 3, 1, 2, 1]], np.float32)
C = np.array([[1, 0, 2, 1, 0, 3], [2, 1, 0, 2, 1, 1], [0, 3, 1, 1, 2, 2], [3, 1, 1, 0, 1, 0]], np.float32)
CODES = np.array([[2, 0, 3], [1, 3, 0], [0, 0, 2], [3, 1, 1]], np.uint8)
FILLS = ("blue-fill", "orange-fill", "green-fill")


def draw() -> Any:
    """Codewords times inputs become tables; the codes of output 0 choose an entry in each."""
    V, S = len(C), CODES.shape[1]
    T, y = tables(X, C, D)[0], product(X, CODES, C, D)
    sheet = Sheet(26.5, 15.4, 0.27)

    def fill(at: tuple[int, ...]) -> str:
        return FILLS[at[1] // D]

    sheet.heading(0.8, 0.9, "input", f"{S} sub-spaces of {D}")
    sheet.matrix(0.8, 2.6, X.astype(np.int64), fill)
    sheet.heading(0.8, 6.2, "codebooks", f"{V} codewords of each sub-space")
    sheet.matrix(0.8, 7.9, C.astype(np.int64), fill)
    sheet.arrow(7.4, 9.9, 9.6, 9.9)
    sheet.heading(10.2, 6.2, "tables", "once an input")
    sheet.matrix(10.2, 7.9, T.T.astype(np.int64), lambda at: FILLS[at[1]] if at[0] == CODES[0, at[1]] else "cell")
    sheet.heading(16.4, 6.2, "codes", "of each output")
    sheet.matrix(16.4, 7.9, CODES.astype(np.int64), lambda at: FILLS[at[1]] if at[0] == 0 else "cell")
    sheet.arrow(19.9, 9.9, 22.1, 9.9)
    sheet.heading(22.7, 6.2, "outputs")
    sheet.matrix(22.7, 7.9, y.T.astype(np.int64), "cell", wide=1.6)
    taken = " + ".join(f"{T[s, v]:g}" for s, v in enumerate(CODES[0]))
    sheet.text(10.2, 13.4, f"output 0:  {taken} = {y[0, 0]:g}", size=9, align="left")
    return sheet.figure


FIGURE = Figure("lookup-tables", "A fully-connected layer by tables: an entry a sub-space, and additions", draw)
