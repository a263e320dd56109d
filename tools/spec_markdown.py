"""Markdown as the spec writes it: formulas between dollars become MathML, requirements become anchors.

`$…$` stands in a line, a paragraph `$$…$$` by itself. A formula that is broken fails the build.
"""

import re
from typing import Any
from xml.etree import ElementTree

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString
from math_core import LatexToMathML

INLINE = r"(?<![\\$\w])\$(?![\s$])([^$]+?)(?<!\s)\$(?![\d$])"
DISPLAY = re.compile(r"\$\$(.+)\$\$", re.DOTALL)
REQUIREMENT = re.compile(r"^\*\*(QREF-[A-Z]{2}-\d{3})\*\*")

convert = LatexToMathML().convert_with_local_state


class InlineFormula(InlineProcessor):
    """A formula in a line of text."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:
        return self.md.htmlStash.store(convert(m[1], displaystyle=False)), m.start(0), m.end(0)


class DisplayFormula(BlockProcessor):
    """A formula that is a paragraph of its own."""

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        return DISPLAY.fullmatch(block.strip()) is not None

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        formula = blocks.pop(0).strip().removeprefix("$$").removesuffix("$$").strip()
        box = ElementTree.SubElement(parent, "div", {"class": "math"})
        box.text = AtomicString(self.parser.md.htmlStash.store(convert(formula, displaystyle=True)))


class Requirements(Preprocessor):
    """Gives each requirement an id to link to, and its function or check a line of its own."""

    def run(self, lines: list[str]) -> list[str]:
        shown: list[str] = []
        for line in lines:
            if shown and re.match(r"\*(Function|Check)s?:\*", line):
                shown[-1] += "  "
            shown.append(REQUIREMENT.sub(lambda m: f"{m[0]}{{: #{m[1].lower()} }}", line))
        return shown


class SpecMarkdown(Extension):
    """The three of them."""

    def extendMarkdown(self, md: Markdown) -> None:
        # After code spans (190), before escapes (180): what stands in code is no formula, and \{ belongs to one.
        md.inlinePatterns.register(InlineFormula(INLINE, md), "formula", 185)
        md.parser.blockprocessors.register(DisplayFormula(md.parser), "display-formula", 95)
        # After the chapters were included (32).
        md.preprocessors.register(Requirements(md), "requirements", 22)


def makeExtension(**settings: Any) -> SpecMarkdown:
    """What Markdown calls to load the extension."""
    return SpecMarkdown(**settings)
