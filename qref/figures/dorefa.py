"""DoReFa-Net's weights: tanh over its maximum, in two and in three bits."""

from typing import Any

import numpy as np

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.quantizers.dorefa import DoReFa

LARGEST = 2.0


def draw() -> Any:
    """The curve that is rounded, and its stairs; no step is at 0."""
    figure, axes = chart.axes()
    w = np.linspace(-LARGEST, LARGEST, 1601).astype(np.float32)
    axes.plot(w, np.tanh(w) / np.tanh(LARGEST), color=colour("line"), linestyle="--", label="tanh w / max |tanh w|")
    for bits, tone in ((2, "blue"), (3, "orange")):
        axes.plot(w, DoReFa(bits).encode(w).decode(), color=colour(tone), label=f"{bits} bits")
    axes.set_xlabel("weight w, the largest of the layer at the ends")
    axes.set_ylabel("quantized weight")
    chart.legend(axes, 3)
    return figure


FIGURE = Figure("dorefa", "Weights of DoReFa-Net in two and three bits, and the curve that is rounded", draw)
