"""What a figure is, and how it becomes a file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qref.errors import UsageError

FORMATS = ("svg", "png")


@dataclass(frozen=True)
class Figure:
    """One figure. draw takes the options that `takes` names and gives a matplotlib Figure.

    title: one line, the alternative text of the SVG as well.
    """

    name: str
    title: str
    draw: Callable[..., Any]
    takes: tuple[str, ...] = ()

    def write(self, path: Path, **options: Any) -> None:
        """Draws the figure into a file, .svg (or .png, to look at).

        Raises:
            MissingExtra: matplotlib is not installed.
            UsageError: an option that this figure does not take, or another kind of file.
        """
        from qref.figures import paper

        kind = self.check(path)
        if odd := [name for name, value in options.items() if value is not None and name not in self.takes]:
            raise UsageError(f"figure {self.name} takes no --{odd[0]}")
        given = {name: value for name, value in options.items() if value is not None}
        paper.require()
        with paper.settings():
            content = paper.render(self.draw(**given), self.title, kind)
        path.write_bytes(content)

    def check(self, path: Path) -> str:
        """svg or png. Raises UsageError for another kind of file."""
        kind = path.suffix.lower().removeprefix(".")
        if kind not in FORMATS:
            raise UsageError(f"{path}: a figure is written as {' or '.join('.' + form for form in FORMATS)}")
        return kind
