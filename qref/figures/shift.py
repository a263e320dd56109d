"""Shift convolution: three pixels, weights below one, to the right and to the left."""

from typing import Any

import numpy as np

from qref.conv.geometry import Geometry
from qref.conv.shift import shifted
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, painted

X = np.array([-7, 13, -1, 6], np.int8)
SIGNS = np.array([1, 1, 1, -1], np.int8)
EXPONENTS = np.array([-1, 0, -2, -2], np.int8)
LOWEST, BITS = -2, 7


def draw() -> Any:
    """Each product as bits of two's complement: what a right shift drops, and where left shifts put it."""
    by = EXPONENTS.astype(int) - LOWEST
    products = SIGNS.astype(int) * (X.astype(int) << by)
    point = Geometry((1,), (1,), (1,), (0,), (0,))
    x, s, e = (one.reshape(1, -1, 1) for one in (X, SIGNS, EXPONENTS))
    y = int(shifted(x, s, e, point, LOWEST).item())
    right = SIGNS.astype(int) * (X.astype(int) >> -EXPONENTS.astype(int))
    assert y == products.sum() and y / 2**-LOWEST == (X * SIGNS * 2.0**EXPONENTS).sum() != right.sum()

    sheet = Sheet(33, 11.4)
    left, top = 1.0, 2.6
    sheet.heading(left, 0.7, "Pixels and weights", "$w = s \\cdot 2^e$")
    sheet.matrix(left, top, X.reshape(-1, 1), wide=1.6)
    for i, (sign, exponent) in enumerate(zip(SIGNS, EXPONENTS)):
        sheet.text(left + 2.2, top + i + 0.5, f"$\\cdot\\; {'-' if sign < 0 else '+'}2^{{{exponent}}}$", align="left")
    columns = (
        (8.6, "To the right", "x >> −e: bits fall off", X.astype(int), -EXPONENTS.astype(int), True),
        (20.6, "To the left", "x << (e − e₀), in quarters", products * SIGNS, by, False),
    )
    for column, name, note, values, moved, falls in columns:
        sheet.heading(column, 0.7, name, note)
        for i, (value, distance) in enumerate(zip(values, moved)):
            bits = np.array([[int(value) >> b & 1 for b in reversed(range(BITS))]])
            fills = np.full(BITS, "cell", object)
            if falls and distance:
                fills[BITS - distance :] = "red-fill"
            elif not falls and distance:
                fills[BITS - distance :] = "hair"
            sheet.matrix(column, top + i, bits, painted(fills.reshape(1, -1)))
            shown = right[i] if falls else products[i]
            sheet.text(
                column + BITS + 0.5,
                top + i + 0.5,
                f"{'added' if SIGNS[i] > 0 else 'negated'}: {minus(int(shown))}",
                align="left",
            )
        total = right.sum() if falls else y
        words = (
            f"Σ = {minus(int(total))}" if falls else f"y = {minus(y)}, and $y \\cdot 2^{{{LOWEST}}}$ = {minus(y / 4)}"
        )
        sheet.text(column, top + 5.3, words, align="left", weight="bold")
        note = "each product rounded down" if falls else "exact: the point is set once, in the scale of the output"
        sheet.text(column, top + 6.3, note, align="left", size=8, tone="red" if falls else "muted")
    words = "Bits of two's complement, the lowest seven. Red: lost. Pale: zeros that a shift to the left brings in."
    sheet.text(left, top + 7.9, words, size=8, tone="muted", align="left")
    return sheet.figure


def minus(number: float) -> str:
    """−2 with the sign that numbers have in the cells."""
    return f"{number:g}".replace("-", "−")


FIGURE = Figure("shift", "Shift convolution: products to the right lose bits, to the left they are exact", draw)
