"""Incremental quantization: which of 24 weights become powers of two in which step."""

from typing import Any

import numpy as np

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.numerics.philox import words
from qref.quantizers.incremental import counts, freeze

COUNT, TERMS, BITS = 24, 12, 4


def draw() -> Any:
    """Magnitudes from large to small; those of a step are drawn at the power that they become."""
    figure, axes = chart.axes()
    even = words(3, 0, TERMS * COUNT).reshape(TERMS, COUNT) * 2.0**-32
    W = np.sort(np.abs(even.sum(axis=0) - TERMS / 2))[::-1].astype(np.float32)
    places, frozen, moved = np.arange(COUNT), np.zeros(COUNT, np.uint8), W
    axes.plot(places, W, ".", color=colour("line"), markersize=7, label="|w| before")
    for step, (count, tone) in enumerate(zip(counts(COUNT), ("blue", "orange", "green", "purple"), strict=True), 1):
        before = frozen
        moved, frozen = freeze(moved, frozen, count, BITS)
        new = frozen > before
        label = f"frozen in step {step}, {int(new.sum())} weights"
        axes.plot(places[new], moved[new], "_", color=colour(tone), markersize=11, markeredgewidth=3, label=label)
    axes.set_xlabel("weights, the largest first")
    axes.set_ylabel("|w|")
    chart.legend(axes, 3)
    return figure


FIGURE = Figure("incremental", "Incremental quantization: the largest weights become powers of two first", draw)
