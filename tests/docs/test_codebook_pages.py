"""The pages on codebooks and compression: their code runs, they have what a reader looks for, every scheme has one."""

import re
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from qref.codebooks import SCHEMES
from qref.figures import FIGURES
from qref.ops import OPERATORS
from qref.vectors import requirements

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted([*DOCS.glob("codebooks/*.md"), *DOCS.glob("compression/*.md")])
SECTIONS = {"How it works", "In code", "Vectors", "Source"}


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_code_of_a_page_runs(page: Path) -> None:
    sybil = Sybil(parsers=[CodeBlockParser("python", PythonEvaluator())], path=str(page.parent), pattern=page.name)
    examples = list(sybil.parse(page).examples())
    assert examples
    for example in examples:
        example.evaluate()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_has_equation_figure_code_vectors_and_source(page: Path) -> None:
    content = text(page)
    assert set(re.findall(r"^## (.*)$", content, re.M)) >= SECTIONS
    assert "\n$$" in content[: content.index("## In code")]
    [*names] = re.findall(r"!\[[^\]]{20,}\]\(\.\./figures/([\w-]+)\.svg\)", content)
    assert names
    for name in names:
        assert name in FIGURES
        assert f"`qref figure {name}" in content, name
    for path in re.findall(r"`(qref/[\w/]+(?:\.py)?)`", content):
        assert (DOCS.parent / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_operators_and_requirements_that_a_page_names_exist(page: Path) -> None:
    content = text(page)
    vectors = content[content.index("## Vectors") : content.index("## Source")]
    known = {name for _, name in OPERATORS}
    assert known & set(re.findall(r"`([A-Z]\w+)`", vectors))
    assert set(re.findall(r"`([A-Z]\w+)`", vectors)) <= known
    for prefix, first, last in re.findall(r"(QREF-[A-Z]+-)(\d{3}) (?:to|and) (\d{3})", content):
        assert {prefix + first, prefix + last} <= set(requirements.all())


@pytest.mark.parametrize("name", SCHEMES)
def test_every_scheme_is_on_a_page_and_in_the_overview(name: str) -> None:
    assert f"`{name}`" in text(DOCS / "codebooks.md")
    assert any(re.search(rf'["` ]{name}["` ]', text(page)) for page in PAGES)


def test_every_page_stands_in_the_overview_and_in_the_navigation() -> None:
    overview, navigation = text(DOCS / "codebooks.md"), text(DOCS.parent / "mkdocs.yml")
    for page in PAGES:
        place = f"{page.parent.name}/{page.name}"
        assert f"({place})" in overview, place
        assert f": {place}" in navigation, place
