"""Half-wave Gaussian quantization: three optimal levels, and the three slopes that stand for theirs backward."""

from typing import Any

import numpy as np

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.quantizers.hwgq import APPROXIMATIONS, HalfWaveGaussian

LOWEST, HIGHEST = -1.0, 3.5


def draw() -> Any:
    """Forward: the staircase and the ReLU; backward: the slope of each approximation, side by side."""
    from matplotlib.figure import Figure as Sheet

    figure = Sheet(figsize=(8.2, 3.4), layout="constrained")
    forward, backward = figure.subplots(1, 2)
    grid = HalfWaveGaussian.fit(bits=2)
    x = np.linspace(LOWEST, HIGHEST, 1801).astype(np.float32)
    forward.plot(x, np.maximum(x, 0), color=colour("line"), linestyle="--", label="ReLU")
    forward.plot(x, grid.dequantize(grid.quantize(x)), color=colour("blue"), label="Q(x), three levels")
    forward.set_ylabel("value")
    for how, tone, style in zip(APPROXIMATIONS, ("line", "orange", "green"), ("--", "-", "-."), strict=True):
        slopes = grid.backward(x, np.ones_like(x), how)
        label = how.removesuffix("-relu").replace("relu", "ReLU")
        backward.plot(x, slopes, color=colour(tone), linestyle=style, label=label)
    backward.set_ylabel("slope")
    for axes, columns in ((forward, 2), (backward, 3)):
        chart.plain(axes)
        axes.set_xlabel("x")
        chart.legend(axes, columns)
    return figure


FIGURE = Figure("half-wave", "Half-wave quantization: three levels forward, three slopes to choose from backward", draw)
