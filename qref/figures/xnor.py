"""Binary convolution: signs packed to bits, exclusive or, a count of ones."""

from typing import Any

import numpy as np

from qref.conv.xnor import pack, popcount
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, painted

X = np.array([1, -1, -1, 1, 1, -1, 1, 1, -1, 1, 1, -1])
W = np.array([1, 1, -1, -1, 1, -1, -1, 1, -1, -1, 1, 1])


def draw() -> Any:
    """One tap of twelve channels: two bytes, the last four bits beyond C."""
    C = X.size
    bytes_x, bytes_w = (pack(signs.reshape(1, C, 1))[0, :, 0] for signs in (X, W))
    differing = bytes_x ^ bytes_w
    bits = {name: np.unpackbits(one) for name, one in (("x", bytes_x), ("w", bytes_w), ("xor", differing))}
    counts = popcount(differing)
    total = C - 2 * int(counts.sum())
    assert total == int((X * W).sum())

    sheet = Sheet(26.4, 15.2)
    left, top = 5.6, 2.6
    sheet.heading(0.8, 0.7, f"{C} channels of one tap", "signs, and the sum that is wanted")
    signs = {"x": X, "w": W, "x·w": X * W}
    for line, (name, values) in enumerate(signs.items()):
        y = top + 1.2 * line
        sheet.text(left - 0.6, y + 0.5, name, align="right")
        shown = np.array([["+1" if value > 0 else "−1" for value in values]])
        fills = np.where(values < 0, "red-fill", "green-fill") if name == "x·w" else np.full(C, "cell")
        sheet.matrix(left, y, shown, painted(fills.reshape(1, -1)), size=7)
    sheet.text(left + C + 0.8, top + 2.9, f"Σ x·w = {total}", align="left", weight="bold")

    below = top + 6.4
    sheet.heading(0.8, below - 1.9, "The same, packed", "bit 1 for +1; bits beyond C are 0 in both and never differ")
    words = {"x": bytes_x, "w": bytes_w, "xor": differing}
    for line, (name, row) in enumerate(bits.items()):
        y = below + 1.2 * line
        sheet.text(left - 0.6, y + 0.5, {"xor": "x ⊕ w"}.get(name, name), align="right")
        fills = np.where((row == 1) & (name == "xor"), "red-fill", "cell")
        fills[C:] = "hair"
        sheet.matrix(left, y, row.reshape(1, -1), painted(fills.reshape(1, -1)))
        for byte in range(2):
            sheet.frame(left + 8 * byte, y, 8, 1, "line")
        hexadecimal = "  ".join(f"0x{byte:02X}" for byte in words[name])
        sheet.text(left + 16.8, y + 0.5, hexadecimal, align="left", tone="muted")
    ones = " + ".join(str(count) for count in counts)
    sheet.text(left, below + 4.3, f"popcount = {ones} = {counts.sum()}", align="left", tone="red")
    sheet.text(left, below + 5.3, f"n − 2·popcount = {C} − 2·{counts.sum()} = {total}", align="left", weight="bold")
    return sheet.figure


FIGURE = Figure("xnor", "Binary convolution: signs as bits, exclusive or, and the count of ones", draw)
