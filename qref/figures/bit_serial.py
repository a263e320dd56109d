"""Bit-serial convolution: two planes of activations, two of weights, four counts."""

from typing import Any

import numpy as np

from qref.conv.bit_serial import Code, ones, planes
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, painted

X = np.array([3, 1, 0, 2, 3, 1, 2, 0], np.uint8)
W = np.array([1, -2, 1, -1, 1, -1, -2, 0], np.int8)
X_CODE, W_CODE = Code(2, "unsigned"), Code(2, "signed")


def draw() -> Any:
    """One tap of eight channels: integers, their planes, and each pair of planes with its count and factor."""
    x, w = planes(X.reshape(1, -1, 1), X_CODE)[:, 0, 0], planes(W.reshape(1, -1, 1), W_CODE)[:, 0, 0]
    total = int((X.astype(int) * W).sum())

    sheet = Sheet(34, 13.2)
    left, top, C = 4.2, 2.6, X.size
    sheet.heading(0.8, 0.7, "Eight channels of one tap", "integers of two bits, and their planes of bits")
    for line, (name, values, bits, code) in enumerate((("x", X, x, X_CODE), ("w", W, w, W_CODE))):
        y = top + 5 * line
        sheet.text(left - 0.6, y + 0.5, name, align="right")
        sheet.matrix(left, y, values.reshape(1, -1), "blue-fill" if line == 0 else "orange-fill", size=7)
        for i in range(code.bits):
            one = str(code.factors[i]).replace("-", "−")
            sheet.text(left - 0.6, y + 1.5 + i, f"{name}{'₀₁'[i]}", align="right")
            sheet.matrix(left, y + 1 + i, np.unpackbits(bits[i]).reshape(1, -1))
            sheet.text(left + C + 0.4, y + 1.5 + i, f"counts {one}", align="left", size=8, tone="muted")
    x0 = left + C + 5.6
    sheet.heading(x0, 0.7, "Pairs of planes", "and, popcount, factor")
    found = 0
    for line, (i, j) in enumerate((i, j) for i in range(2) for j in range(2)):
        both = x[i] & w[j]
        count, factor = int(ones(both.reshape(1, 1, 1))[0]), X_CODE.factors[i] * W_CODE.factors[j]
        found += factor * count
        y = top + 1.6 * line
        row = np.unpackbits(both).reshape(1, -1)
        sheet.text(x0, y + 0.5, f"x{'₀₁'[i]} & w{'₀₁'[j]}", align="left")
        sheet.matrix(x0 + 3.4, y, row, painted(np.where(row == 1, "green-fill", "cell")))
        words = f"{count} · ({factor}) = {count * factor}" if factor < 0 else f"{count} · {factor} = {count * factor}"
        sheet.text(x0 + C + 4, y + 0.5, words.replace("-", "−"), align="left")
    assert found == total
    sheet.text(x0, top + 7.4, f"Σ x·w = {total}".replace("-", "−"), align="left", weight="bold")
    words = "w is two's complement: its top plane counts −2. A zero has no bits: padding adds nothing."
    sheet.text(0.8, top + 9.6, words, size=8, tone="muted", align="left")
    return sheet.figure


FIGURE = Figure(
    "bit-serial", "Bit-serial convolution: integers of two bits as planes, and the counts of their pairs", draw
)
