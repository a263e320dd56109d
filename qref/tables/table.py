"""What a table is, and its two forms: lines for a reader, JSON for a program."""

from collections.abc import Iterator
from dataclasses import dataclass

Cell = str | int | float | None
"""A value of a table; None where there is none."""


@dataclass(frozen=True)
class Table:
    """A table of the seed, reproduced.

    rows: one value a column, numbers unrounded. source: where the seed prints it and what ours is computed from.
    digits: by column, the decimal places that a reader is shown.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    source: str
    digits: dict[str, int]

    @property
    def json(self) -> dict[str, object]:
        """The form that every table of the command line has."""
        rows = [list(row) for row in self.rows]
        return {"name": self.name, "columns": list(self.columns), "rows": rows, "source": self.source}

    def lines(self) -> Iterator[str]:
        """The table as aligned text, numbers to the right, the source below."""
        table = [list(self.columns), *([self.shown(i, cell) for i, cell in enumerate(row)] for row in self.rows)]
        widths = [max(len(row[i]) for row in table) for i in range(len(self.columns))]
        for row in table:
            cells = [
                cell.rjust(width) if name in self.digits else cell.ljust(width)
                for name, cell, width in zip(self.columns, row, widths)
            ]
            yield "  ".join(cells).rstrip()
        yield ""
        yield f"Source: {self.source}"

    def shown(self, column: int, cell: Cell) -> str:
        """A cell for a reader; a rounded zero has no sign."""
        if cell is None:
            return "–"
        if isinstance(cell, str):
            return cell
        return f"{cell:z.{self.digits.get(self.columns[column], 0)}f}"
