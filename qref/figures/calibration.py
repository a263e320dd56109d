"""Where the calibrators clip: activations with a long tail, and the range that each finds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.numerics.philox import Stream
from qref.quantizers import CALIBRATORS

COUNT = 16384
TONES = ("red", "purple", "orange", "green", "blue")


def activations() -> NDArray[np.float32]:
    """−ln(1 − u) of even numbers u: exponential, as the tail behind a ReLU often is."""
    u = Stream(3).words(COUNT).astype(np.float64) * 2.0**-32
    return np.asarray(-np.log1p(-u), np.float32)


def draw() -> Any:
    """The histogram on a logarithmic scale, and the upper end of each calibrator's range."""
    figure, axes = chart.axes()
    x = activations()
    axes.hist(x, 96, color=colour("blue-fill"))
    axes.set_yscale("log")
    for (name, make), tone in zip(CALIBRATORS.items(), TONES):
        end = make().update(x).range()[1]
        axes.axvline(end, color=colour(tone), linewidth=1.6, label=f"{name}: {end:.3g}")
    axes.set_xlabel("activation")
    axes.set_ylabel("count")
    chart.legend(axes, 3)
    return figure


FIGURE = Figure("calibration", "A histogram of activations, and where each calibrator clips it", draw)
