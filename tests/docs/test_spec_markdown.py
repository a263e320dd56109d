import sys
from pathlib import Path

import markdown
import pytest
from math_core import LatexError

from qref.vectors import data

sys.path.append(str(data.checkout()))
from tools.spec_markdown import SpecMarkdown


def html(text: str) -> str:
    return markdown.markdown(text, extensions=[SpecMarkdown(), "attr_list", "tables", "fenced_code"])


def test_a_formula_in_a_line_becomes_mathml() -> None:
    out = html("The sum $a_{i} + \\frac{1}{2}$ of it.")
    assert "<math" in out
    assert "<mfrac>" in out
    assert "$" not in out
    assert out.startswith("<p>The sum ")


def test_a_paragraph_becomes_a_displayed_formula() -> None:
    out = html("Text.\n\n$$\n\\left\\{ \\frac{n}{d} \\right\\}\n$$\n\nMore.")
    assert '<div class="math"><math display="block"' in out
    assert out.count("<p>") == 2


@pytest.mark.parametrize("text", ["costs $5 and $6", "`$x$`", "a \\$ sign and a \\$ sign", "$ x $", "US$x$"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert "<math" not in html(text)


def test_several_formulas_share_a_line_and_a_table() -> None:
    assert html("| $a$ | $b$ |\n|---|---|\n| $\\{c\\}$ | $d^2$ |").count("<math") == 4


def test_a_broken_formula_fails() -> None:
    with pytest.raises(LatexError):
        html("$\\frac{1}{$")


def test_a_requirement_is_an_anchor_with_its_function_on_a_line_of_its_own() -> None:
    out = html("**QREF-RQ-001** (text · me) It shall.\n*Function:* `a.b`")
    assert '<strong id="qref-rq-001">QREF-RQ-001</strong>' in out
    assert "It shall.<br />\n<em>Function:</em>" in out


def test_every_formula_of_the_spec_converts() -> None:
    for path in sorted(Path(data.spec()).glob("*.md")):
        out = html(path.read_text(encoding="utf-8"))
        assert "<merror" not in out
