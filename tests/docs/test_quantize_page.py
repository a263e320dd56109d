"""The page on `qref quantize`: its table is current, has every scheme, and no cell breaks a row."""

import re

from qref.saveload.schemes import SCHEMES
from tools import quantize_page


def test_the_table_is_current_and_whole() -> None:
    [content] = quantize_page.pages().values()
    assert content == quantize_page.PAGE.read_text(encoding="utf-8"), "python -m tools.docs_pages writes it anew"
    rows = [re.split(r"(?<!\\)\|", line) for line in quantize_page.schemes().splitlines()]
    assert {len(row) for row in rows} == {10}
    assert [row[1].strip(" `") for row in rows[2:]] == list(SCHEMES)
