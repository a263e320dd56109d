"""A sine in few bits: on the mid-rise grid, which has 2^n levels, and as sign and magnitude, which has one less."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.quantizers.fixed_point import FixedPoint
from qref.quantizers.grid import Grid

POINTS = 721  # over one period, so that the extremes and the crossings are among them


def curve() -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Degrees and their sine, in float32."""
    degrees = np.linspace(0, 360, POINTS)
    return degrees, np.sin(np.radians(degrees)).astype(np.float32)


def mid_rise(x: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """x on 2^n levels over [−1, 1]."""
    grid = Grid("mid-rise", bits, 2.0 ** (1 - bits))
    return grid.dequantize(grid.quantize(x))


def sign_and_magnitude(x: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """x as (−1)^S × M, M of n − 1 bits, all but one of them behind the point: the largest number is 1 or next to 2."""
    format = FixedPoint(bits - 1, bits - 2)
    return format.decode(format.encode(x))


PANELS: tuple[tuple[str, Callable[[NDArray[np.float32], int], NDArray[np.float32]]], ...] = (
    ("mid-rise", mid_rise),
    ("sign and magnitude", sign_and_magnitude),
)


def draw(bits: int) -> Any:
    """Two charts beside each other."""
    from matplotlib.figure import Figure as Drawing

    figure = Drawing(figsize=(8.2, 3.1), layout="constrained")
    degrees, sine = curve()
    for axes, (name, quantize) in zip(figure.subplots(1, 2, sharey=True), PANELS):
        chart.plain(axes)
        y = quantize(sine, bits)
        axes.plot(degrees, sine, color=colour("muted"), linewidth=1.2, label="sin x")
        axes.step(degrees, y, where="mid", color=colour("blue"), linewidth=1.6, label=f"{bits} bits")
        axes.plot(degrees, y - sine, color=colour("orange"), linewidth=0.9, label="error")
        levels = np.unique(y)
        axes.set_title(f"{name}: {levels.size} levels reached", fontsize=9, loc="left")
        axes.set_xticks([0, 90, 180, 270, 360], ["0", "90°", "180°", "270°", "360°"])
        axes.set_yticks(levels, [f"{v:zg}".replace("-", "−") for v in levels])
    figure.legend(*axes.get_legend_handles_labels(), ncols=3, frameon=False, fontsize=8.5, loc="outside lower center")
    return figure


def figure(bits: int) -> Figure:
    """The figure of so many bits."""
    title = f"A sine in {bits} bits: on a mid-rise grid, and as sign and magnitude"
    return Figure(f"sine-{bits}bit", title, partial(draw, bits))
