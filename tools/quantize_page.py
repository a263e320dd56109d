"""Fills in the table of docs/quantize.md from docs/reports/schemes-efficientnet-lite0.json.

What stands between `<!-- table: schemes -->` and `<!-- end of table -->` is written by python -m tools.docs_pages.
"""

import json

from qref.saveload.schemes import SCHEMES
from tools.algorithm_pages import ROOT, filled
from tools.markdown_table import cell, table

PAGE = ROOT / "docs" / "quantize.md"
REPORT = ROOT / "docs" / "reports" / "schemes-efficientnet-lite0.json"


def pages() -> dict[str, str]:
    """The page with its table filled in, by its path inside docs/."""
    return {PAGE.name: filled(PAGE.read_text(encoding="utf-8"), {"schemes": schemes})}


def schemes() -> str:
    """A row a scheme."""
    rows = []
    for name, row in json.loads(REPORT.read_text(encoding="utf-8"))["rows"].items():
        numbers = (
            f"{row['bits_a_weight']:.2f}",
            f"{row['kilobytes']:,.0f}",
            f"{row['file_kilobytes']:,.0f}",
            f"{100 * row['error']:.2f}",
            f"{row['farthest']:.0e}" if row["farthest"] else "0",
            f"{row['right']} of {row['of']}",
        )
        rows.append([f"`{name}`", cell(SCHEMES[name].about), *numbers])
    head = ["scheme", "", "bits a weight", "KB of weights", "KB of the file", "error %", "farthest", "right"]
    return table(head, rows, numbers=6)
