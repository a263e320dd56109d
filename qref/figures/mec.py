"""MEC: strips of an image of numbered pixels become rows of the lowered matrix; its partitions overlap."""

from typing import Any

import numpy as np

from qref.conv.geometry import Geometry
from qref.conv.mec import lower, pack, partition
from qref.figures.figure import Figure
from qref.figures.sheet import NUMBER, Sheet

SIDE, KERNEL = 5, 3
TONES = ("blue", "orange", "green")  # of the partitions
ROWS = ("copies-3", "cell")  # of the image, in turns


def draw() -> Any:
    """Image → L, a row a strip; each partition of L times the kernel is a row of the output."""
    geometry = Geometry((KERNEL, KERNEL), (1, 1), (1, 1), (0, 0), (0, 0))
    vertical, horizontal = geometry.dimensions(slice(-1)), geometry.dimensions(slice(-1, None))
    image = np.arange(1, SIDE * SIDE + 1).reshape(SIDE, SIDE)
    L = lower(image[np.newaxis, np.newaxis], horizontal, image.dtype)
    o_w, width = L.shape[1], SIDE * KERNEL
    matrix = L.reshape(o_w, width)
    K = pack(np.arange(KERNEL * KERNEL).reshape(1, 1, KERNEL, KERNEL))
    (o_h,) = vertical.output((SIDE,))
    starts, length = [], 0
    for h in range(o_h):  # where each partition begins in a row of L
        P, _ = partition(L, K, vertical, (h,))
        starts.append(int(np.flatnonzero(matrix[0] == P[0, 0, 0])[0]))
        length = P.shape[-1]

    sheet = Sheet(29, 15.8)
    left, right, top = 1.4, 12.4, 4.4
    sheet.heading(left, 0.7, "Image", f"{o_w} vertical strips, $k_w$ pixels wide")
    sheet.matrix(left, top, image, lambda at: ROWS[at[0] % 2])
    for w in range(o_w):
        level = top - 0.45 - 0.6 * (o_w - 1 - w)
        sheet.span(left + w, left + w + KERNEL, level, tone="ink")
        sheet.text(left + w - 0.4, level, f"{w}", size=NUMBER)
    sheet.arrow(left + SIDE + 0.5, top + 1.5, right - 1.4, top + 1.5)
    sheet.text((left + SIDE + right - 0.9) / 2, top + 0.7, "a row a strip", size=8, tone="muted")

    size = rf"$o_w \times (i_h \cdot k_w \cdot i_c)$ = {o_w}×{width}"
    sheet.heading(right, 0.7, "Lowered matrix L", f"{size}: {matrix.size} numbers; im2col has {o_w * o_h * KERNEL**2}")
    sheet.matrix(right, top, matrix, lambda at: ROWS[at[1] // KERNEL % 2])
    for w in range(o_w):
        sheet.text(right - 0.5, top + w + 0.5, f"{w}", size=NUMBER)
    for row in range(SIDE):
        begin = right + row * KERNEL
        sheet.span(begin + 0.15, begin + KERNEL - 0.15, top - 0.5, f"image row {row}", below=False)
    products(sheet, left, right, top + SIDE + 1.1, starts, length)
    return sheet.figure


def products(sheet: Sheet, left: float, right: float, y: float, starts: list[int], length: int) -> None:
    """Under L its partitions, each one image row further, and the output row that each gives."""
    sheet.heading(left, y - 0.2, "Output", "row h is $P_h$ times the kernel K")
    for h, start in enumerate(starts):
        level = y + 1.4 + 1.2 * h
        tone = TONES[h]
        sheet.matrix(left, level, np.array([[f"$o_{{{h}{w}}}$" for w in range(len(starts))]]), f"{tone}-fill")
        sheet.arrow(right + start - 0.3, level + 0.5, left + len(starts) + 0.4, level + 0.5, tone)
        sheet.box(right + start, level, length, 1, fill=f"{tone}-fill", edge=tone, width=1.4)
        words = f"$P_{h}$: image rows {h} to {h + KERNEL - 1}, in place"
        sheet.text(right + start + length / 2, level + 0.5, words, size=8)
        for x in (right + start, right + start + length):
            sheet.guide([(x, y - 2.9), (x, level)])


FIGURE = Figure("mec", "MEC: strips of the image as rows of the lowered matrix, and its overlapping partitions", draw)
