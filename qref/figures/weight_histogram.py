"""The seed's histogram of weights (Lin et al. 2016, figure 2a), drawn from a trained network."""

from pathlib import Path
from typing import Any

from qref.figures import histograms
from qref.figures.figure import Figure


def draw(model: Path | None = None) -> Any:
    """Weights of all layers, each layer's divided by their root mean square, and the normal density.

    model: an ONNX file; by default the counts recorded of EfficientNet-Lite0.
    """
    counted = histograms.recorded("weights") if model is None else histograms.weights_of(model)
    return histograms.chart_of(counted, "weight / root mean square of its layer", histograms.normal, "normal")


FIGURE = Figure("weight-histogram", "Weights of a trained network beside the normal density", draw, takes=("model",))
