"""Writes docs/qref-operators.md: what an engine is asked in the domain "qref", from the table of operators."""

import inspect
import re
from collections import Counter
from collections.abc import Sequence

from qref.ops import OPERATORS, Operator
from qref.vectors import requirements, suite_json
from qref.vectors.case import Case
from tools.markdown_table import cell, table


def page() -> str:
    """The page."""
    cases = [case for suite in suite_json.load_all() for case in suite.cases]
    count = Counter(case.request.op for case in cases if case.request.domain == "qref")
    chapters = chapters_of(cases)
    rows = []
    for (domain, name), operator in sorted(OPERATORS.items()):
        if domain == "qref":
            links = ", ".join(f"[{one}](spec/{one}.md)" for one in chapters.get(name, []))
            cells = (inputs(operator), attributes(operator), says(operator), links, f"{count[name]:,}")
            rows.append([f"`{name}`", *cells])
    text = "# Operators of the domain qref\n\nRules and schemes that no standard's operator holds, as the suites ask "
    text += "for them: domain `qref`, opset 1. Inputs in\norder, those in brackets optional; attributes with defaults. "
    text += "Which weights share a scale (`granularity`, `group_size`)\nis fixed in [Quantizers](spec/quantizers.md); "
    text += "each operator's own chapter holds its requirements.\n\n"
    return text + table(["operator", "inputs", "attributes", "", "chapter", "cases"], rows, numbers=1)


def chapters_of(cases: Sequence[Case]) -> dict[str, list[str]]:
    """The chapters whose requirements an operator's cases name, most named first, without the shared one."""
    named: dict[str, Counter[str]] = {}
    known = requirements.all()
    for case in cases:
        if case.request.domain == "qref":
            found = named.setdefault(case.request.op, Counter())
            found.update(known[id].chapter.removesuffix(".md") for id in case.requirements)
    shared = "quantizers"
    return {op: [c for c, _ in found.most_common() if c != shared] or [shared] for op, found in named.items()}


def inputs(operator: Operator) -> str:
    """The names of the inputs."""
    parameters = inspect.signature(operator.function).parameters.values()
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL)]
    least, _ = operator.inputs
    return ", ".join(f"`{name}`" if i < least else f"[`{name}`]" for i, name in enumerate(names))


def attributes(operator: Operator) -> str:
    """The attributes with their kinds and defaults."""
    shown = []
    for name, one in operator.attributes.items():
        default = one.default_at(1)
        shown.append(f"`{name}`: {one.kind}" + ("" if default is None else f" = {number(default)}"))
    return "; ".join(shown)


def number(default: object) -> object:
    """A float as short as float32 has it."""
    return f"{default:.7g}" if isinstance(default, float) else default


def says(operator: Operator) -> str:
    """The first paragraph of the docstring."""
    text = inspect.getdoc(operator.function) or ""
    return cell(re.split(r"\n\s*\n", text)[0])
