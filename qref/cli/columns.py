"""Tables as aligned plain text: whole in a pipe as on a terminal."""

from collections.abc import Iterator, Sequence


def lines(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> Iterator[str]:
    """The lines of a table; its last `numbers` columns stand to the right."""
    table = [head, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    first_number = len(head) - numbers
    for row in table:
        cells = [
            text.rjust(width) if i >= first_number else text.ljust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
