"""Runtime on the ten layers: the seed's tables, or a measurement with the seed's ratios beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.tables import seed
from qref.tables.runtime import ENTRIES, Entry, read

SHADES = ("blue", "copies-9", "copies-4", "purple")
"""Sparse: the fewer weights, the paler; int8."""


def draw(measured: Sequence[Path] = ()) -> Any:
    """Two charts, one below the other.

    Args:
        measured: reports of `qref bench layers --json`: their times over those of dense direct, the seed's ratios as
            dots. Without: the seed's milliseconds.
    """
    from matplotlib.figure import Figure as Drawing

    figure = Drawing(figsize=(8.2, 6.4), layout="constrained")
    times = read(measured)[0] if measured else None
    lowered = [entry for entry in ENTRIES if entry.table == "direct"]
    others = [entry for entry in ENTRIES if entry.table != "direct" and not is_second_base(entry)]
    for axes, entries in zip(figure.subplots(2, 1), (lowered, others)):
        chart.plain(axes)
        panel(axes, entries, times)
    return figure


def is_second_base(entry: Entry) -> bool:
    """Dense direct in the int8 table, which the sparse one has already."""
    return entry.table == "int8" and entry.algorithm == "direct"


def panel(axes: Any, entries: Sequence[Entry], times: dict[tuple[str, str], float] | None) -> None:
    """One group of bars a layer."""
    width = 0.8 / len(entries)
    for i, (entry, offset) in enumerate(zip(entries, chart.offsets(len(entries), width))):
        tone = "green" if entry.algorithm == "direct" else chart.TONES[i] if entry.table == "direct" else SHADES[i - 1]
        places = [layer + offset for layer in range(len(seed.LAYERS))]
        base = [seed.RUNTIME_DIRECT["direct"].of(layer) for layer in seed.LAYERS]
        label = entry.row.label.replace(" (direct)", "") if entry.algorithm != "direct" else "direct"
        if times is None:
            axes.bar(places, entry.row.values, width * 0.9, color=colour(tone), label=label)
            continue
        ratios = [ratio(times, layer, entry.algorithm) for layer in seed.LAYERS]
        axes.bar(places, ratios, width * 0.9, color=colour(tone), label=label)
        printed = [value / direct for value, direct in zip(entry.row.values, base)]
        style = {"color": colour("paper"), "edgecolors": colour("ink"), "linewidths": 0.9, "zorder": 4}
        axes.scatter(places, printed, s=11, label="the seed's board" if i == len(entries) - 1 else None, **style)
    chart.groups(axes, seed.LAYERS)
    axes.set_ylabel("ms, the seed's board" if times is None else "time / time of dense direct")
    chart.legend(axes, 6, last="the seed's board")


def ratio(times: dict[tuple[str, str], float], layer: str, algorithm: str) -> float:
    """Time over that of dense direct, NaN (no bar) where one of them was not measured."""
    return times.get((layer, algorithm), float("nan")) / times.get((layer, "direct"), float("nan"))


FIGURE = Figure("runtime-by-layer", "Runtime of the algorithms on the ten layers", draw, takes=("measured",))
