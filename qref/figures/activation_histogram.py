"""The seed's histogram of activations (Lin et al. 2016, figure 2b), drawn from a trained network."""

from pathlib import Path
from typing import Any

from qref.errors import UsageError
from qref.figures import histograms
from qref.figures.figure import Figure


def draw(model: Path | None = None, inputs: Path | None = None) -> Any:
    """Positive activations in front of the layers that see none below zero, each layer's divided by their root mean
    square, and the density of a half-normal.

    model, inputs: an ONNX file and an input of it, .npy; by default the counts recorded of EfficientNet-Lite0.
    """
    if (model is None) != (inputs is None):
        raise UsageError("activations need both --model M.onnx and --inputs F.npy")
    if model is None or inputs is None:
        counted = histograms.recorded("activations")
    else:
        counted = histograms.activations_of(model, inputs)
    label = "activation / root mean square of the positive ones of its layer"
    return histograms.chart_of(counted, label, histograms.half_normal, "half-normal")


FIGURE = Figure(
    "activation-histogram",
    "Activations of a trained network behind ReLU beside the half-normal density",
    draw,
    takes=("model", "inputs"),
)
