"""The error of every weight scheme against its bits, on normal weights."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.numerics.philox import Stream
from qref.quantizers import SCHEMES, Scheme
from qref.quantizers.encoded import squared_error

SIDE = 64
WIDEST = 9  # bits a weight; sq-bwn, which keeps half of the rows in float32, is not shown
TONES = ("blue", "orange", "green", "purple", "red", "copies-9", "copies-6", "ink")


def weights() -> NDArray[np.float32]:
    """Quantiles of the unit normal, one for each of 64×64 weights, in an order that a random stream gives."""
    quantiles = ndtri((np.arange(SIDE**2) + 0.5) / SIDE**2)
    order = np.argsort(Stream(7).words(SIDE**2), kind="stable")
    return np.asarray(quantiles[order].reshape(SIDE, SIDE), np.float32)


def error(scheme: Scheme, bits: int, W: NDArray[np.float32]) -> tuple[float, float]:
    """Bits a weight, scales included, and ‖W − W'‖² / ‖W‖²."""
    encoded = scheme.of(bits).encode(W, stream=Stream(1) if scheme.stream else None)
    difference, energy = squared_error(W, encoded.decode())
    return encoded.bits / W.size, difference / energy


def draw() -> Any:
    """A line a scheme that has several widths, a point for one that has one."""
    figure, axes = chart.axes(height=4.6)
    W = weights()
    shown = [one for one in SCHEMES.values() if not one.inputs]
    found = {one.name: [error(one, bits, W) for bits in one.bits] for one in shown}
    lines = {name: points for name, points in found.items() if points[0][0] <= WIDEST}
    for i, (name, points) in enumerate(lines.items()):
        tone = colour(TONES[i % len(TONES)])
        style = "-" if i < len(TONES) else "--"
        axes.plot(*zip(*points), style, color=tone, marker="os^Dv"[i % 5], markersize=4, label=name)
    axes.set_yscale("log")
    axes.set_xlabel("bits a weight, scales and codebooks included")
    axes.set_ylabel("squared error / energy")
    chart.legend(axes, 4)
    return figure


FIGURE = Figure("scheme-error-vs-bits", "Squared error of weight schemes against bits, on normal weights", draw)
