"""How a row of outputs is cut into register tiles, and which taps at the border are left out: conv3's row."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import on_image
from qref.conv.ten_layers import TEN_LAYERS
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, painted

LAYER = TEN_LAYERS["conv3"]
LONG, SHORT = 14, 6
"""The most pixels of a tile with AVX-512 and with AVX2; tests hold them against `qref.kernels.instructions`."""
UNIT = 0.31


def pixels() -> NDArray[Any]:
    """[taps, outputs]: the pixel that a tap meets at an output of a row, −1 beside the image."""
    geometry, width = LAYER.geometry, LAYER.x[3]
    k, s, d, begin = geometry.kernel[1], geometry.strides[1], geometry.dilations[1], geometry.pads_begin[1]
    count = geometry.output(LAYER.x[2:])[1]
    found = np.full((k, count), -1)
    for p in range(count):
        taps, met = on_image(p * s - begin, d, k, width)
        found[taps, p] = range(met.start, met.stop, met.step)
    return found


def evenly(count: int, most: int) -> list[int]:
    """count as few even parts."""
    return [len(part) for part in np.array_split(np.arange(count), -(-count // most))]


def alike(found: NDArray[Any], most: int) -> list[int]:
    """Parts in which all pixels have the same taps: `most`, or a power of two below."""
    parts, left = [], found.shape[1]
    while left:
        first = found.shape[1] - left
        same = 1
        while same < left and ((found[:, first + same] < 0) == (found[:, first] < 0)).all():
            same += 1
        part = most if same >= most else 1 << (same.bit_length() - 1)
        parts.append(part)
        left -= part
    return parts


def draw() -> Any:
    """The taps of a row on the image, and three ways to cut it."""
    found = pixels()
    taps, count = found.shape
    sheet = Sheet(31.4, 13.6, UNIT)
    left, top = 4.4, 3.0
    note = (
        f"{count} outputs, {taps} taps, padding {LAYER.geometry.pads_begin[1]}; a number is the pixel that a tap meets"
    )
    sheet.heading(0.6, 0.7, "A row of conv3", note)
    shown = np.where(found < 0, "", found.astype(str)).astype(object)
    sheet.matrix(left, top, shown, painted(np.where(found < 0, "red-fill", "blue-fill")))
    for tap in range(taps):
        sheet.text(left - 0.4, top + tap + 0.5, f"tap {tap}", size=8, align="right", tone="muted")
    every, kept = count * taps, int((found >= 0).sum())
    sheet.text(
        left + count + 0.6,
        top + 0.5,
        "beside the image: no code, no load, no product",
        size=8,
        align="left",
        tone="red",
    )
    rows, outputs = LAYER.w[2], LAYER.geometry.output(LAYER.x[2:])[0]
    whole, met = rows * taps * outputs * count, LAYER.geometry.touched(LAYER.x[2:])
    sheet.text(left + count + 0.6, top + 1.5, f"in this row {kept} of {every} are left,", size=8, align="left")
    sheet.text(
        left + count + 0.6, top + 2.5, f"in the plane {met:,} of {whole:,} products a channel", size=8, align="left"
    )
    cuts = (
        (f"at most {LONG}", evenly(count, LONG), "its own program, AVX-512: one tile, both borders compiled in"),
        (f"at most {SHORT}", evenly(count, SHORT), "its own program, AVX2: as few parts as can be, even"),
        (f"{SHORT} or 2ⁿ", alike(found, SHORT), "the program for all geometries, AVX2: the same taps in a tile"),
    )
    for line, (words, parts, note) in enumerate(cuts):
        y = top + taps + 1.4 + 2.2 * line
        sheet.text(left - 0.4, y + 0.5, words, size=8, align="right", tone="muted")
        for part, first in zip(parts, np.cumsum([0, *parts])):
            sheet.box(left + first, y, part, 1, fill="green-fill")
            sheet.frame(left + first, y, part, 1, "green")
            sheet.text(left + first + part / 2, y + 0.5, str(part), size=8)
        sheet.text(left + count + 0.6, y + 0.5, note, size=8, align="left")
    for p in (0, count):
        sheet.guide([(left + p, top + taps), (left + p, top + taps + 6.8)])
    return sheet.figure


FIGURE = Figure("row-in-tiles", "A row of conv3 cut into register tiles, taps beside the image left out", draw)
