"""Histograms of a network's weights and activations, as counts, and how they are drawn.

Those of EfficientNet-Lite0 lie beside this file: `python -m tools.record_histograms` made them.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import BadModel
from qref.figures import chart
from qref.figures.paper import colour

RECORDED = Path(__file__).with_name("efficientnet_lite0.json")
BINS = 120
WEIGHT_ENDS, ACTIVATION_ENDS = (-6.0, 6.0), (0.0, 4.0)


@dataclass(frozen=True)
class Counted:
    """A histogram. beyond: values outside the ends. zeros: values that are 0, counted nowhere else."""

    of: str
    lowest: float
    highest: float
    counts: tuple[int, ...]
    beyond: int
    zeros: int


def recorded(name: str) -> Counted:
    """The counts of EfficientNet-Lite0, "weights" or "activations"."""
    members = json.loads(RECORDED.read_text(encoding="utf-8"))[name]
    return Counted(**(members | {"counts": tuple(members["counts"])}))


def weights_of(model: Path) -> Counted:
    """All layers' weights, each layer's divided by their root mean square. Raises BadModel."""
    from qref.saveload import onnx_file
    from qref.saveload.weights import weights

    layers = [weight.channels_first().astype(np.float64) for weight in weights(onnx_file.load(model))]
    scaled = [W.reshape(-1) / _root_mean_square(W) for W in layers if W.any()]
    if not scaled:
        raise BadModel(f"{model}: no float32 weights of Conv, ConvTranspose, Gemm or MatMul that are not all 0")
    return counted(model.stem, scaled, WEIGHT_ENDS)


def activations_of(model: Path, inputs: Path) -> Counted:
    """Activations in front of every layer but the first whose inputs are all at least 0. Raises BadModel."""
    from qref.saveload import onnx_file
    from qref.saveload.layer_inputs import LayerInputs

    seen = LayerInputs.of(model, onnx_file.load(model), inputs)
    layers = [x.astype(np.float64) for x in list(seen.activations.values())[1:]]
    scaled = [x.reshape(-1) / _root_mean_square(x[x > 0]) for x in layers if x.min(initial=0) >= 0 and x.any()]
    if not scaled:
        raise BadModel(f"{model}: no layer but the first sees activations that are all at least 0")
    return counted(model.stem, scaled, ACTIVATION_ENDS)


def counted(of: str, layers: list[NDArray[np.float64]], ends: tuple[float, float]) -> Counted:
    """The histogram of all layers together."""
    total, zeros, beyond = np.zeros(BINS, np.int64), 0, 0
    for x in layers:
        kept = x[x != 0]
        counts = np.histogram(kept, BINS, ends)[0]
        total += counts
        zeros += x.size - kept.size
        beyond += kept.size - int(counts.sum())
    return Counted(of, *ends, tuple(int(n) for n in total), beyond, zeros)


def _root_mean_square(x: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(x * x)))


def normal(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The density of a unit normal."""
    return np.asarray(np.exp(-x * x / 2) / math.sqrt(2 * math.pi))


def half_normal(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The density of the magnitude of a unit normal."""
    return 2 * normal(x)


def chart_of(
    found: Counted, label: str, density: Callable[[NDArray[np.float64]], NDArray[np.float64]], name: str
) -> Any:
    """Bars of the density of what was counted, and a curve to compare."""
    figure, axes = chart.axes()
    edges = np.linspace(found.lowest, found.highest, BINS + 1)
    width = edges[1] - edges[0]
    inside = sum(found.counts) + found.beyond
    heights = np.array(found.counts) / (inside * width)
    axes.bar(edges[:-1], heights, width, align="edge", color=colour("blue-fill"), label=found.of)
    middle = (edges[:-1] + edges[1:]) / 2
    axes.plot(middle, density(middle), color=colour("orange"), linewidth=1.6, label=name)
    share = f"zeros: {100 * found.zeros / (inside + found.zeros):.1f} % of all, not shown" if found.zeros else ""
    axes.set_xlabel("\n".join(filter(None, (label, share))))
    axes.set_ylabel("density")
    chart.legend(axes, 2)
    return figure
