"""A sheet of squared paper to draw algorithms on: matrices of numbered cells, frames, spans, arrows, words.

One unit is the side of a cell; x runs to the right and y down, as rows of a matrix do.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures.paper import colour

UNIT = 0.25  # inches a cell
NUMBER = 7.5  # points of numbers in cells
WORDS = 9.0
HEADING = 10.0

Fill = str | Callable[[tuple[int, ...]], str]


class Sheet:
    """A figure of `width` by `height` cells."""

    def __init__(self, width: float, height: float, unit: float = UNIT) -> None:
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(width * unit, height * unit))
        self.unit = unit
        self._axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        self._axes.axis("off")

    def matrix(
        self, x: float, y: float, values: NDArray[Any], fill: Fill = "cell", size: float = NUMBER, wide: float = 1
    ) -> None:
        """Cells with the values of a matrix, its first at (x, y). fill: a colour, or the colour of an index."""
        for index in np.ndindex(*values.shape):
            name = fill if isinstance(fill, str) else fill(index)
            left, top = x + index[1] * wide, y + index[0]
            self.box(left, top, wide, 1, fill=name, edge="line", width=0.6)
            words = str(values[index]).replace("-", "−")
            shown = size * 0.8 if len(words) > 4 * wide and "$" not in words else size
            self.text(left + wide / 2, top + 0.5, words, size=shown)

    def box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        *,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 0.8,
        dashed: bool = False,
        above: int = 0,
    ) -> None:
        """A rectangle; `above` lifts it over what it frames."""
        from matplotlib.patches import Rectangle

        self._axes.add_patch(
            Rectangle(
                (x, y),
                w,
                h,
                facecolor="none" if fill is None else colour(fill),
                edgecolor="none" if edge is None else colour(edge),
                linewidth=width,
                linestyle=(0, (3, 2)) if dashed else "solid",
                joinstyle="miter",
                zorder=2 + above,
            )
        )

    def frame(
        self, x: float, y: float, w: float, h: float, edge: str, *, dashed: bool = False, grow: float = 0
    ) -> None:
        """A heavy frame around cells."""
        box = (x - grow, y - grow, w + 2 * grow, h + 2 * grow)
        self.box(*box, edge=edge, width=2.0, dashed=dashed, above=4)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = WORDS,
        tone: str = "ink",
        align: str = "center",
        weight: str = "normal",
    ) -> None:
        """Words centred in height at y; align: left, center or right at x."""
        self._axes.text(
            x, y, words, fontsize=size, color=colour(tone), ha=align, va="center_baseline", weight=weight, zorder=5
        )

    def heading(self, x: float, y: float, words: str, note: str = "", align: str = "left") -> None:
        """The name of a part, and below it what there is to say."""
        self.text(x, y, words, size=HEADING, weight="bold", align=align)
        for i, line in enumerate(note.splitlines()):
            self.text(x, y + 0.8 + 0.65 * i, line, size=8, tone="muted", align=align)

    def arrow(self, x: float, y: float, to_x: float, to_y: float, tone: str = "muted", bend: float = 0) -> None:
        """An arrow; bend > 0 curves it."""
        from matplotlib.patches import FancyArrowPatch

        self._axes.add_patch(
            FancyArrowPatch(
                (x, y),
                (to_x, to_y),
                arrowstyle="-|>,head_length=5,head_width=2.4",
                connectionstyle=f"arc3,rad={bend}",
                color=colour(tone),
                linewidth=1.2,
                shrinkA=0,
                shrinkB=0,
                zorder=6,
            )
        )

    def line(self, points: Sequence[tuple[float, float]], tone: str = "muted", width: float = 1.0) -> None:
        """A line through points."""
        xs, ys = zip(*points)
        self._axes.plot(xs, ys, color=colour(tone), linewidth=width, solid_capstyle="butt", zorder=3)

    def guide(self, points: Sequence[tuple[float, float]]) -> None:
        """A dotted line behind everything, from a thing to what belongs to it."""
        xs, ys = zip(*points)
        self._axes.plot(xs, ys, color=colour("line"), linewidth=0.8, linestyle=(0, (1.5, 2.5)), zorder=1)

    def span(self, x: float, to_x: float, y: float, words: str = "", tone: str = "muted", below: bool = True) -> None:
        """A measure from x to to_x with its words below (or above) it."""
        self.line([(x, y - 0.2), (x, y + 0.2)], tone)
        self.line([(to_x, y - 0.2), (to_x, y + 0.2)], tone)
        self.line([(x, y), (to_x, y)], tone, 1.4)
        self.text((x + to_x) / 2, y + (0.6 if below else -0.55), words, size=8, tone=tone)

    def rise(self, y: float, to_y: float, x: float, words: str = "", tone: str = "muted", left: bool = True) -> None:
        """A measure from y down to to_y with its words beside it."""
        self.line([(x - 0.2, y), (x + 0.2, y)], tone)
        self.line([(x - 0.2, to_y), (x + 0.2, to_y)], tone)
        self.line([(x, y), (x, to_y)], tone, 1.4)
        self.text(
            x + (-0.4 if left else 0.4), (y + to_y) / 2, words, size=8, tone=tone, align="right" if left else "left"
        )

    def legend(self, x: float, y: float, words: str, fills: Sequence[str], names: Sequence[object]) -> None:
        """A row of small cells with what their fill means."""
        self.text(x, y, words, size=8, tone="muted", align="left")
        for i, (fill, name) in enumerate(zip(fills, names)):
            self.box(x + i, y + 0.7, 1, 1, fill=fill, edge="line", width=0.6)
            self.text(x + i + 0.5, y + 1.2, str(name), size=NUMBER)


def copies(count: int) -> str:
    """The fill of a number that was copied so many times."""
    return f"copies-{count if count in (1, 2, 3, 4, 6) else 9}"


def painted(fills: NDArray[Any]) -> Callable[[tuple[int, ...]], str]:
    """The fill of each cell from a matrix of their names."""
    return lambda at: str(fills[at])
