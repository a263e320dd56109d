"""Orders of an image in memory: NCHW, NHWC, and NCHWc with channels in blocks."""

from typing import Any

import numpy as np

from qref.conv.layouts import blocked, channels_last
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet, painted

CHANNELS, WIDTH, BLOCK = 4, 6, 2
FILLS = ("blue-fill", "orange-fill", "green-fill", "purple-fill")


def draw() -> Any:
    """Four channels of six pixels; each order as a strip of memory. A number is the pixel, its fill the channel."""
    code = np.arange(CHANNELS * WIDTH).reshape(1, CHANNELS, 1, WIDTH)  # channel · WIDTH + pixel
    orders = (
        ("NCHW", "channel after channel", code),
        (
            "NHWC",
            "pixel after pixel, its channels side by side: the sum over channels runs along memory",
            channels_last(code),
        ),
        (f"NCHW{BLOCK}c", f"blocks of {BLOCK} channels; inside a block as NHWC", blocked(code, BLOCK)),
    )
    sheet = Sheet(26.4, 19.6)
    left, top = 0.8, 2.4
    sheet.heading(
        left, 0.7, "Image", f"a row of {WIDTH} pixels in {CHANNELS} channels; numbers are pixels, fills channels"
    )
    for channel in range(CHANNELS):
        y = top + channel
        sheet.matrix(left, y, np.arange(WIDTH).reshape(1, WIDTH), FILLS[channel])
        sheet.text(left + WIDTH + 0.5, y + 0.5, f"channel {channel}", size=8, tone="muted", align="left")
    for line, (name, note, values) in enumerate(orders):
        y = top + 7.4 + 3.8 * line
        memory = values.ravel()
        sheet.heading(left, y - 1.8, name, note)
        sheet.matrix(left, y, (memory % WIDTH).reshape(1, -1), painted(np.array(FILLS)[memory // WIDTH].reshape(1, -1)))
    return sheet.figure


FIGURE = Figure("layouts", "An image in memory: NCHW, NHWC, and channels in blocks", draw)
