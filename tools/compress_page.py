"""Fills in the tables of docs/compress.md and docs/codebooks.md, the first from a report in docs/reports."""

import json

from qref.tables.compression_methods import compression_methods
from tools.algorithm_pages import ROOT, filled, printed
from tools.markdown_table import table

DOCS = ROOT / "docs"
REPORT = DOCS / "reports" / "compression-efficientnet-lite0.json"


def pages() -> dict[str, str]:
    """The pages with their tables filled in, by their paths inside docs/."""
    makers = {"compression": compression, "methods": methods}
    names = ("compress.md", "codebooks.md")
    return {name: filled((DOCS / name).read_text(encoding="utf-8"), makers) for name in names}


def compression() -> str:
    """A row a way through `qref compress`."""
    rows = []
    for name, row in json.loads(REPORT.read_text(encoding="utf-8"))["rows"].items():
        kilobytes = "" if row["kilobytes"] is None else f"{row['kilobytes']:,.0f}"
        numbers = (
            kilobytes,
            f"{row['file_kilobytes']:,.0f}",
            f"{row['model_kilobytes'] / row['file_kilobytes']:.1f}",
            f"{100 * row['outputs_off']:.1f}",
            f"{row['farthest']:.0e}" if row["farthest"] else "0",
            f"{row['right']} of {row['of']}",
        )
        rows.append([f"`{name}`", *numbers])
    head = ["options", "KB of weights", "KB of the file", "× smaller", "off %", "farthest", "right"]
    return table(head, rows, numbers=6)


def methods() -> str:
    """`qref table compression-methods`."""
    return printed(compression_methods())
