"""Tables in Markdown."""

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> str:
    """A table; its last `numbers` columns stand to the right."""
    rules = ["---"] * (len(head) - numbers) + ["--:"] * numbers
    return "".join("| " + " | ".join(row) + " |\n" for row in (head, rules, *rows))


def cell(text: str) -> str:
    """Text on one line that does not break a table."""
    return " ".join(text.split()).replace("|", "\\|")
