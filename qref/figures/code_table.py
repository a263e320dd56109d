"""What codes of four bits stand for: evenly spaced, powers of two, and any values."""

from typing import Any

import numpy as np

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.quantizers import logarithmic, uniform
from qref.quantizers.lloyd_max import lloyd_max

N = 4


def draw() -> Any:
    """Values by code, as shares of the largest; non-uniform: the optimal levels of a normal's magnitude."""
    figure, axes = chart.axes()
    codes = np.arange(1 << N)
    levels = [float(level) for level in lloyd_max("normal", 2 << N).levels if level > 0]
    rows = (
        ("uniform", "blue", "o-", [float(v) / uniform.largest(N) for v in uniform.decode(codes, N)]),
        ("logarithmic", "orange", "s-", [float(v) / logarithmic.largest(N) for v in logarithmic.decode(codes, N)]),
        ("non-uniform, of a normal", "green", "^-", [level / levels[-1] for level in levels]),
    )
    for name, tone, style, values in rows:
        axes.plot(codes, values, style, color=colour(tone), markersize=4, label=name)
    axes.set_xlabel(f"code of {N} bits")
    axes.set_ylabel("value / largest")
    axes.set_xticks(codes)
    chart.legend(axes, 3)
    return figure


FIGURE = Figure("code-table", "Values of the codes of four bits: uniform, logarithmic, non-uniform", draw)
