"""One convolution and what five decompositions make of it: the layers, as wide as their multiplications."""

from fractions import Fraction
from math import prod
from typing import Any

from qref.compression.low_rank import rank
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet

SHAPE = (128, 64, 3, 3)
SPEED = Fraction(2)
WIDTH = 30.0  # cells of the one layer
FILLS = ("blue-fill", "orange-fill", "green-fill", "purple-fill")
ROWS = (("channel", "Channel"), ("spatial", "Spatial"), ("tucker2", "Tucker-2"), ("cp", "CP"))


def draw() -> Any:
    """A row a method: its layers side by side, and in words."""
    M, C, kh, kw = SHAPE
    sheet = Sheet(WIDTH + 2, 4 + 3.6 * len(ROWS))
    row(sheet, 0.6, "One layer", [(f"{kh}×{kw}, {C} → {M}", prod(SHAPE))])
    for i, (method, name) in enumerate(ROWS):
        row(sheet, 4.2 + 3.6 * i, name, layers(method))
    return sheet.figure


def row(sheet: Sheet, y: float, name: str, found: list[tuple[str, int]]) -> None:
    """A heading, the bar, and the layers in words."""
    total = sum(work for _, work in found)
    sheet.text(1, y + 0.4, name, weight="bold", align="left")
    sheet.text(1 + WIDTH, y + 0.4, f"{total:,} multiplications", size=8, tone="muted", align="right")
    x = 1.0
    for fill, (_, work) in zip(FILLS, found):
        width = WIDTH * work / prod(SHAPE)
        sheet.box(x, y + 1, width, 1, fill=fill, edge="line")
        x += width
    sheet.text(1, y + 2.5, "   then   ".join(words for words, _ in found), size=8, align="left")


def layers(method: str) -> list[tuple[str, int]]:
    """Each layer in words and its multiplications for one position, at the ranks that make the whole twice as fast."""
    M, C, kh, kw = SHAPE
    r, *more = rank.of_speed(method, SHAPE, SPEED)
    if method == "channel":
        return [(f"{kh}×{kw}, {C} → {r}", C * r * kh * kw), (f"1×1, {r} → {M}", r * M)]
    if method == "spatial":
        return [(f"{kh}×1, {C} → {r}", C * r * kh), (f"1×{kw}, {r} → {M}", r * M * kw)]
    if method == "tucker2":
        [q] = more
        return [(f"1×1, {C} → {r}", C * r), (f"{kh}×{kw}, {r} → {q}", r * q * kh * kw), (f"1×1, {q} → {M}", q * M)]
    depthwise = [(f"{kh}×1 on each of {r}", r * kh), (f"1×{kw} on each of {r}", r * kw)]
    return [(f"1×1, {C} → {r}", C * r), *depthwise, (f"1×1, {r} → {M}", r * M)]


FIGURE = Figure(
    "low-rank", "One convolution as several: layers as wide as their multiplications, half of the one", draw
)
