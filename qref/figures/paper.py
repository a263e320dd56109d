"""What all figures are drawn on: two palettes, one typeface, and an SVG whose bytes are always the same.

Letters are outlines: the figure looks alike on every machine, and widths that were aligned stay aligned. Every colour
has a partner for dark pages; the SVG carries both and the reader's setting chooses (prefers-color-scheme), so that the
one file fits either. A viewer that does not know of it shows the light one.
"""

import io
import re
from contextlib import AbstractContextManager
from typing import Any
from xml.sax.saxutils import escape

from qref.engines.versions import require as require_extra

POINTS = 72  # to the inch

# name: (on light pages, on dark pages). Text is readable on every fill of the same column.
COLOURS = {
    "paper": ("#ffffff", "#1e2129"),
    "ink": ("#1f2328", "#e8eaf0"),
    "muted": ("#57606a", "#a9b0c0"),
    "line": ("#8c959f", "#6d7588"),
    "hair": ("#d5dae0", "#3a4150"),
    "cell": ("#f4f6f8", "#282d38"),
    "blue": ("#2f6fc4", "#6ea8fe"),
    "orange": ("#b85400", "#f5a55a"),
    "green": ("#1f7a37", "#6fcb82"),
    "purple": ("#7a4cc2", "#bb9cf5"),
    "red": ("#c0352b", "#f38d84"),
    "blue-fill": ("#d3e4fb", "#24456f"),
    "orange-fill": ("#fde0c2", "#64401a"),
    "green-fill": ("#d0edd5", "#23502f"),
    "purple-fill": ("#e6dbf9", "#473569"),
    "red-fill": ("#fbd5d1", "#682f2d"),
    # a number of copies: more is stronger
    "copies-1": ("#eef4fc", "#262f3e"),
    "copies-2": ("#d9e7fa", "#283b57"),
    "copies-3": ("#c1d8f7", "#2a4870"),
    "copies-4": ("#a8c8f3", "#2c5588"),
    "copies-6": ("#8bb5ee", "#2f62a1"),
    "copies-9": ("#6aa0e8", "#3169af"),
}


def colour(name: str) -> str:
    """The colour on light pages; the SVG's style maps it to its partner."""
    return COLOURS[name][0]


def require() -> None:
    """Raises MissingExtra where matplotlib is not installed."""
    require_extra("matplotlib", "plots")


def settings() -> AbstractContextManager[None]:
    """matplotlib's settings while a figure is drawn and written, whatever those of the user are."""
    import matplotlib

    given = dict(matplotlib.rcParamsDefault)
    for name in ("backend", "backend_fallback", "interactive", "toolbar"):  # of windows, which there are none of
        given.pop(name, None)
    given |= {
        "svg.fonttype": "path",
        "svg.hashsalt": "qref",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "mathtext.fontset": "dejavusans",
        "text.color": colour("ink"),
        "axes.edgecolor": colour("line"),
        "axes.labelcolor": colour("ink"),
        "xtick.color": colour("line"),
        "ytick.color": colour("line"),
        "xtick.labelcolor": colour("ink"),
        "ytick.labelcolor": colour("ink"),
        "figure.facecolor": colour("paper"),
        "axes.facecolor": colour("paper"),
        "savefig.facecolor": "auto",
    }
    return matplotlib.rc_context(given)


def render(figure: Any, title: str, kind: str) -> bytes:
    """The bytes of a drawn figure as svg or png, without date and program."""
    target = io.BytesIO()
    if kind == "png":
        figure.savefig(target, format="png", dpi=160, metadata={"Software": None})
        return target.getvalue()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return finished(target.getvalue().decode("utf-8"), title).encode("utf-8")


def finished(svg: str, title: str) -> str:
    """matplotlib's SVG with a title, the dark palette, and its size left to the page."""
    head = re.search(r"<svg [^>]*>", svg)
    assert head is not None
    start = head[0].replace("<svg ", '<svg role="img" ', 1)
    inside = f"\n <title>{escape(title)}</title>\n <style>{dark()}</style>"
    return svg[: head.start()] + start + inside + svg[head.end() :]


def dark() -> str:
    """The rules that put each colour's partner in its place on dark pages."""
    rules = [
        f'[style*="{property}: {light}"]{{{property}:{night} !important}}'
        for light, night in COLOURS.values()
        for property in ("fill", "stroke")
    ]
    return "@media (prefers-color-scheme: dark){" + "".join(rules) + "}"
