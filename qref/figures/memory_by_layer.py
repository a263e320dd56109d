"""Memory on the ten layers: what every algorithm needs, and what im2col and MEC need beside it."""

from typing import Any

from qref.conv import ALGORITHMS
from qref.conv.ten_layers import TEN_LAYERS
from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.tables import seed
from qref.tables.memory import MB, NAMES

WIDTH = 0.27
PRINTED = "printed in the seed"


def draw() -> Any:
    """Bars of input + output + weights with the workspace on top; a dot for each cell that the seed prints."""
    figure, axes = chart.axes()
    tones = dict(zip(NAMES, chart.TONES))
    for (algorithm, name), offset in zip(NAMES.items(), chart.offsets(len(NAMES), WIDTH)):
        costs = [(ALGORITHMS[algorithm].cost(layer.shapes), layer.shapes) for layer in TEN_LAYERS.values()]
        places = [i + offset for i in range(len(costs))]
        tensors = [(cost.peak(shapes) - cost.workspace) / MB for cost, shapes in costs]
        workspace = [cost.workspace / MB for cost, _ in costs]
        strong, pale = colour(tones[algorithm]), colour(f"{tones[algorithm]}-fill")
        bar = {"width": WIDTH * 0.9, "edgecolor": strong, "linewidth": 0.8}
        axes.bar(places, tensors, color=strong, label=f"{name}: input, output, weights", **bar)
        if any(workspace):
            axes.bar(places, workspace, bottom=tensors, color=pale, label=f"{name}: workspace", **bar)
        printed = [seed.MEMORY[algorithm].of(layer) for layer in TEN_LAYERS]
        axes.scatter(
            places,
            printed,
            s=14,
            color=colour("paper"),
            edgecolors=colour("ink"),
            linewidths=1.0,
            zorder=4,
            label=PRINTED if algorithm == "direct" else None,
        )
    chart.groups(axes, list(TEN_LAYERS))
    axes.set_ylabel("MB (10⁶ bytes)")
    chart.legend(axes, 3, last=PRINTED)
    return figure


FIGURE = Figure("memory-by-layer", "Memory of im2col, MEC and direct convolution on the ten layers, in MB", draw)
