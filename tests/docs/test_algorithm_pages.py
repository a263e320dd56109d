"""The pages on algorithms: their code runs, their figures exist, their tables are current, every algorithm has one."""

import re
from pathlib import Path

import pytest
import yaml
from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from qref.conv import ALGORITHMS
from qref.figures import FIGURES
from tools import algorithm_pages
from tools.algorithm_pages import ROOT, filled

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("algorithms/*.md"))
OTHERS = [
    *(DOCS / f"{name}.md" for name in ("algorithms", "choose-an-algorithm", "fast-kernels", "quantizers", "quantize")),
    *sorted(DOCS.glob("quantizers/*.md")),
    *sorted(DOCS.glob("codebooks/*.md")),
    *sorted(DOCS.glob("compression/*.md")),
]
NAMES = {
    **dict.fromkeys(("winograd-2x2", "winograd-4x4", "winograd-2x2-5x5"), "winograd"),
    **dict.fromkeys(("int8-direct", "int8-gemm"), "int8"),
}


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page", [*PAGES, DOCS / "choose-an-algorithm.md", DOCS / "energy.md"], ids=lambda path: path.stem
)
def test_the_code_of_a_page_runs(page: Path) -> None:
    sybil = Sybil(parsers=[CodeBlockParser("python", PythonEvaluator())], path=str(page.parent), pattern=page.name)
    examples = list(sybil.parse(page).examples())
    assert examples
    for example in examples:
        example.evaluate()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_has_equation_figure_code_cost_error_and_source(page: Path) -> None:
    content = text(page)
    headings = re.findall(r"^## (.*)$", content, re.M)
    assert [one for one in headings if one != "When"] == ["How it works", "In code", "Cost", "Error", "Source"]
    assert "\n$$" in content[: content.index("![")]
    assert re.search(r"!\[[^\]]{20,}\]\(\.\./figures/[\w-]+\.svg\)", content)


def test_every_algorithm_has_a_page_and_every_page_stands_in_the_overview() -> None:
    assert {NAMES.get(name, name) for name in ALGORITHMS} | {"transposed", "backward"} == {page.stem for page in PAGES}
    overview = text(DOCS / "algorithms.md")
    assert all(f"(algorithms/{page.name})" in overview for page in PAGES)


def test_every_figure_is_shown_and_every_figure_shown_is_drawn_with_its_command() -> None:
    shown = set()
    for page in (*PAGES, *OTHERS):
        names = re.findall(r"figures/([\w-]+?)(?:-measured)?\.svg\)", text(page))
        assert all(re.search(rf"`qref figure {name}[ `]", text(page)) for name in names), page
        shown.update(names)
    assert shown == set(FIGURES)


def test_every_page_stands_in_the_navigation() -> None:
    navigation = text(ROOT / "mkdocs.yml")
    assert all(f"algorithms/{page.name}" in navigation for page in PAGES)
    assert "docs/figures/" in text(ROOT / ".gitignore") and "python -m tools.docs_figures" in text(ROOT / ".ci/run")


def test_tables_are_current_and_said_where_from() -> None:
    for path, content in algorithm_pages.pages().items():
        assert content == text(DOCS / path), f"{path}: python -m tools.docs_pages writes its tables anew"
        if "<!-- table:" in content:
            assert "`qref table" in " ".join(content.split()), path


def test_what_the_text_says_of_a_small_memory_is_so() -> None:
    rows = {line.split("|")[1].strip(" `"): line for line in algorithm_pages.on_a_chip("262144").splitlines()}
    assert [rows[name].count("**") // 2 for name in ("direct", "mec", "im2col", "int8-direct", "xnor")] == [
        0,
        0,
        0,
        5,
        10,
    ]
    assert rows["int8-gemm"].count("**") == 0


def test_a_table_is_filled_in_between_its_marks_and_nothing_else_is_touched() -> None:
    end = "<!-- end of table -->\n"
    marks = f"a\n\n<!-- table: layers -->\n{end}\nb\n\n<!-- table: memory -->\nold\n{end}c\n"
    page = filled(marks)
    assert page.startswith("a\n\n<!-- table: layers -->\n\n| layer | from |") and page.endswith(
        "<!-- end of table -->\nc\n"
    )
    assert "\n\nb\n\n" in page and "old" not in page and page.count("| conv10 | ResNet-18 |") == 1
    assert filled(page) == page


def test_the_measured_errors_stay_below_the_bounds() -> None:
    report = yaml.safe_load(text(algorithm_pages.ERRORS))
    assert all(largest <= bound for _, _, largest, _, bound in report["rows"])
