"""Pruning: eight weights of two channels, what a ratio leaves of them, and what two of four do."""

from typing import Any

import numpy as np

from qref.compression.magnitude_pruning import applied, keep_largest
from qref.compression.structured_pruning import keep_n_of_m
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, painted

W = np.array([[8, -7, 6, -5, 1, -2, 2, 1], [1, -3, 4, 2, -9, 3, -1, 5]], np.float32)


def draw() -> Any:
    """Three matrices one below another, removed weights without colour."""
    half, blocks = keep_largest(W, 0.5), keep_n_of_m(W, 2, 4)
    sheet = Sheet(20.0, 13.0, 0.3)
    left = 8.0
    rows = (
        ("Weights", "16 of two channels", W, np.ones(W.shape, np.bool_)),
        ("Half of all", "the eight largest by magnitude", applied(W, half), half),
        ("Two of four", "in each block of input channels", applied(W, blocks), blocks),
    )
    for i, (name, note, values, mask) in enumerate(rows):
        top = 1.2 + 3.9 * i
        sheet.heading(left - 0.6, top + 0.7, name, note, align="right")
        sheet.matrix(left, top, values.astype(np.int64), painted(np.where(mask, "blue-fill", "cell")))
    for begin in (left, left + 4):
        sheet.span(begin + 0.1, begin + 3.9, 11.6, "block of 4")
    return sheet.figure


FIGURE = Figure("pruning", "Weights before pruning, by magnitude, and two of each four", draw)
