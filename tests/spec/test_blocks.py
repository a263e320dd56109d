"""Every Python block of the spec runs; one that begins with `# qref.…` is that function, but for its docstring."""

import ast
import inspect
import re
import textwrap
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from qref.vectors import data, trace

HELD = re.compile(r"# (qref(?:\.\w+)+)\n")
CHAPTERS = sorted(data.spec().glob("*.md"))
run = PythonEvaluator()


def evaluate(example: Example) -> None:
    """Compares a block that names a function with it, runs any other in the chapter's namespace."""
    held = HELD.match(str(example.parsed))
    if held is None:
        run(example)
        return
    function = trace.resolve(held[1])
    assert function is not None, f"there is no function {held[1]}"
    written, real = body(example.parsed), body(textwrap.dedent(inspect.getsource(function)))
    assert written == real, (
        f"line {example.line}: the block is not {held[1]} as it stands in {inspect.getfile(function)}"
    )


def body(source: str) -> str:
    """A definition without comments, docstring and layout."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def examples(path: Path) -> list[Example]:
    sybil = Sybil(parsers=[CodeBlockParser("python", evaluate)], path=str(path.parent), pattern=path.name)
    return list(sybil.parse(path).examples())


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.name)
def test_blocks(chapter: Path) -> None:
    for example in examples(chapter):
        example.evaluate()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```python\n# qref.numerics.nothing\ndef nothing(): ...\n```\n", "there is no function"),
        ("```python\n# qref.numerics.saturation.saturate\ndef saturate(x): ...\n```\n", "line 1: the block is not"),
        ("```python\nx = 1\n```\n\n```python\nassert x == 2, 'shared'\n```\n", "shared"),
    ],
)
def test_a_wrong_block_fails(tmp_path: Path, text: str, complaint: str) -> None:
    page = tmp_path / "x.md"
    page.write_text(text)
    with pytest.raises(AssertionError, match=complaint):
        for example in examples(page):
            example.evaluate()
