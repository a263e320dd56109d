"""The pages on quantizers: their code runs, they have what a reader looks for, every scheme has one."""

import re
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from qref.quantizers import SCHEMES

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.glob("quantizers/*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_code_of_a_page_runs(page: Path) -> None:
    sybil = Sybil(parsers=[CodeBlockParser("python", PythonEvaluator())], path=str(page.parent), pattern=page.name)
    examples = list(sybil.parse(page).examples())
    assert examples
    for example in examples:
        example.evaluate()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_has_equation_code_vectors_and_source(page: Path) -> None:
    content = page.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", content, re.M)
    assert {"How it works", "In code", "Source"} <= set(headings)
    assert "\n$$" in content[: content.index("## How it works")]
    for path in re.findall(r"`(qref/[\w/]+\.py)`", content):
        assert (DOCS.parent / path).is_file(), path


@pytest.mark.parametrize("name", SCHEMES)
def test_every_scheme_is_on_a_page(name: str) -> None:
    assert any(f'SCHEMES["{name}"]' in page.read_text(encoding="utf-8") for page in PAGES)


def test_every_page_stands_in_the_overview_and_in_the_navigation() -> None:
    overview, navigation = (
        (DOCS / "quantizers.md").read_text(encoding="utf-8"),
        (DOCS.parent / "mkdocs.yml").read_text(),
    )
    for page in PAGES:
        assert f"(quantizers/{page.name})" in overview, page.name
        assert f"quantizers/{page.name}" in navigation, page.name
