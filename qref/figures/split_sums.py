"""What splitting a sum does to its error: one chain of multiply-adds beside chains of 32 channels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour

TAPS, BLOCK, SAMPLES = 9, 32, 2048
"""A 3×3 kernel; channels after which sums are split; sums of each length."""
CHANNELS = (16, 32, 64, 128, 256, 512)


def errors(channels: int, block: int) -> float:
    """The root mean square error of sums of `channels`·TAPS products, over the standard deviation of the exact sums.

    Each multiply-add is rounded to float32 once, as a fused one is. block: channels of a chain; chains are added up.
    """
    rng = np.random.default_rng(channels)
    x, w = (rng.integers(-(2**23), 2**23, (channels, TAPS, SAMPLES)) / 2.0**23 for _ in range(2))
    x, w = x.astype(np.float32).astype(np.float64), w.astype(np.float32).astype(np.float64)
    total: NDArray[np.float32] = np.zeros(SAMPLES, np.float32)
    for first in range(0, channels, block):
        chain = np.zeros(SAMPLES, np.float32)
        for tap in range(TAPS):
            for c in range(first, min(first + block, channels)):
                chain = (chain + x[c, tap] * w[c, tap]).astype(np.float32)
        total = total + chain
    exact = (x * w).sum(axis=(0, 1))
    return float(np.sqrt(np.square(total - exact).mean()) / exact.std())


def draw() -> Any:
    """Both errors by number of channels."""
    figure, axes = chart.axes(height=3.2)
    chart.logarithmic(axes)
    for words, tone, block in (
        ("one chain", "orange", max(CHANNELS)),
        (f"split every {BLOCK} channels", "green", BLOCK),
    ):
        found = [1e7 * errors(channels, block) for channels in CHANNELS]
        axes.plot(CHANNELS, found, marker="o", markersize=5, color=colour(tone), label=words)
    axes.set_xticks(CHANNELS, [str(channels) for channels in CHANNELS])
    axes.set_xlabel("input channels of a 3×3 layer")
    axes.set_ylabel("root mean square error / σ(y), 10⁻⁷")
    chart.legend(axes, 2)
    return figure


FIGURE = Figure("split-sums", "The error of a sum in one chain, and split every 32 channels", draw)
