"""Charts: axes without ornament, bars beside each other, a legend above."""

from collections.abc import Sequence
from typing import Any

from qref.figures.paper import colour

TONES = ("blue", "orange", "green", "purple", "red")


def axes(width: float = 8.2, height: float = 3.6) -> tuple[Any, Any]:
    """A figure of so many inches and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    chart = figure.add_subplot()
    plain(chart)
    return figure, chart


def plain(chart: Any) -> None:
    """Axes without frame and ticks, with faint lines to read values by."""
    chart.grid(axis="y", color=colour("hair"), linewidth=0.7)
    chart.set_axisbelow(True)
    for side in ("top", "right", "left"):
        chart.spines[side].set_visible(False)
    chart.tick_params(length=0, which="both")


def logarithmic(chart: Any) -> None:
    """Both axes logarithmic, their numbers written out."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    chart.set_xscale("log")
    chart.set_yscale("log")
    for axis in (chart.xaxis, chart.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_formatter(NullFormatter())


def legend(chart: Any, columns: int, last: str = "", **where: Any) -> None:
    """The legend above the axes, filled column by column in the order drawn; the entry `last` comes at the end."""
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "borderaxespad": 0.2} | where
    entries = sorted(zip(*chart.get_legend_handles_labels()), key=lambda entry: entry[1] == last)
    handles, labels = zip(*entries)
    chart.legend(handles, labels, ncols=columns, frameon=False, fontsize=8.5, handlelength=1.2, **place)


def groups(chart: Any, names: Sequence[str]) -> None:
    """A tick in the middle of each group of bars, labelled."""
    chart.set_xticks(range(len(names)), names)
    chart.set_xlim(-0.55, len(names) - 0.45)


def offsets(count: int, width: float) -> list[float]:
    """Where the bars of a group stand around its middle."""
    return [(i - (count - 1) / 2) * width for i in range(count)]
