"""BinaryConnect's two ways to a sign: by the weight's own, and drawn with the probability of the hard sigmoid."""

from typing import Any

import numpy as np

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.numerics.philox import Stream
from qref.quantizers.binary_connect import binarized, hard_sigmoid

DRAWS = 256


def draw() -> Any:
    """The chance of +1 against the weight: a step, a ramp, and how often +1 was drawn."""
    figure, axes = chart.axes()
    w = np.linspace(-1.5, 1.5, 49).astype(np.float32)
    axes.plot(w, (binarized(w) + 1) / 2, color=colour("orange"), drawstyle="steps-mid", label="deterministic")
    chance = [float(hard_sigmoid(float(value))) for value in w]
    axes.plot(w, chance, color=colour("blue"), label="hard sigmoid")
    drawn = [(binarized(np.full(DRAWS, value), Stream(1, i)) > 0).mean() for i, value in enumerate(w)]
    axes.plot(w, drawn, "o", color=colour("green"), markersize=4, label=f"drawn, {DRAWS} words a weight")
    axes.set_xlabel("w")
    axes.set_ylabel("chance of +1")
    chart.legend(axes, 3)
    return figure


FIGURE = Figure(
    "binary-connect", "The chance of +1 in BinaryConnect: a step, the hard sigmoid, and signs drawn by it", draw
)
