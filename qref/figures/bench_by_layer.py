"""A report of a bench as bars: operations a second of each algorithm and engine on each layer, below the peak."""

from collections.abc import Sequence
from typing import Any

from qref.bench import times
from qref.bench.report import OWN, Report
from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour

TONES = (
    "green",
    "blue",
    "orange",
    "purple",
    "red",
    "copies-9",
    "copies-6",
    "copies-4",
    "copies-3",
    "copies-2",
    "muted",
)
PEERS = ("orange", "blue", "purple", "red", "green", "ink", "muted")
"""Peers are pale with an edge of the tone."""
BARS = 70
"""As many side by side can still be told apart."""


def draw(report: Report) -> Any:
    """Groups of bars, a layer each, in as many rows as they need; of a peer the fastest run that was right.

    report: of one dtype.
    """
    from matplotlib.figure import Figure as Drawing

    layers = report.layers
    names = contenders(report)
    cells = fastest(report)
    rows = max(1, -(-len(layers) * len(names) // BARS))
    per_row = max(1, -(-len(layers) // rows))
    parts = [layers[i : i + per_row] for i in range(0, len(layers), per_row)]
    figure = Drawing(figsize=(8.2, 1.0 + 2.5 * len(parts)), layout="constrained")
    panels = figure.subplots(max(len(parts), 1), 1, squeeze=False, sharey=True)[:, 0]
    for i, (axes, part) in enumerate(zip(panels, parts)):
        chart.plain(axes)
        panel(axes, part, names, cells)
        axes.axhline(report.peak_gops, color=colour("ink"), linewidth=1.0, label="peak")
        chart.groups(axes, [*part, *[""] * (per_row - len(part))])
        axes.set_ylabel("10⁹ operations a second")
        if i == 0:
            chart.legend(axes, 5, last="peak")
    return figure


def contenders(report: Report) -> list[str]:
    """qref's algorithms, then engines, each once."""
    return list(dict.fromkeys(label(engine, algorithm) for engine, algorithm in times.contenders(report)))


def label(engine: str, algorithm: str) -> str:
    """The algorithm of an own row, the engine of a peer's."""
    return algorithm if engine == OWN else f"{engine} (peer)"


def fastest(report: Report) -> dict[tuple[str, str], float]:
    """10⁹ operations a second by contender and layer, of what was right."""
    found: dict[tuple[str, str], float] = {}
    for row in report.rows:
        if row.checked:
            place = label(row.engine, row.algorithm), row.layer
            found[place] = max(row.gops, found.get(place, 0.0))
    return found


def panel(axes: Any, layers: Sequence[str], names: Sequence[str], cells: dict[tuple[str, str], float]) -> None:
    """One group of bars a layer; none where a contender has no right row."""
    width = 0.85 / len(names)
    own = [name for name in names if not name.endswith("(peer)")]
    for i, (name, offset) in enumerate(zip(names, chart.offsets(len(names), width))):
        heights = [cells.get((name, layer), float("nan")) for layer in layers]
        places = [place + offset for place in range(len(layers))]
        axes.bar(places, heights, width * 0.9, label=name, **style(i, len(own)))


def style(i: int, own: int) -> dict[str, Any]:
    """The fill of a bar: strong for qref's, pale with an edge for peers."""
    if i < own:
        return {"color": colour(TONES[i % len(TONES)])}
    tone = PEERS[(i - own) % len(PEERS)]
    pale = f"{tone}-fill" if tone not in ("ink", "muted") else "cell"
    return {"color": colour(pale), "edgecolor": colour(tone), "linewidth": 0.8}


FIGURE = Figure("bench-by-layer", "Operations a second on each layer, below the measured peak", draw, takes=("report",))
"""Not among FIGURES: it has nothing to show without a report."""
