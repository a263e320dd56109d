"""The requirements of the spec: each a block of spec/*.md that begins with its id in bold.

    **QREF-RQ-004** (text · ONNX QuantizeLinear-10, "…") The exact quotient shall be rounded half to even.
    *Function:* `qref.ops.onnx.quantize_linear.quantize_linear`

In the parenthesis stand the basis and the source. A requirement on a format or on the protocol names its test instead:
*Check:* `tests/vectors/test_suite_json.py::test_duplicate_ids`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qref.errors import BadVectors
from qref.vectors import data

BASES = ("text", "derived", "qref's choice")
START = re.compile(r"^\*\*(QREF-[A-Z]{2}-[0-9]{3})\*\*")
FORM = re.compile(r"\*\*(?P<id>QREF-[A-Z]{2}-\d{3})\*\* (?P<rest>\(.*)", re.DOTALL)
LINK = re.compile(r"\*?(?P<kind>Function|Check)s?:\*?\s+(?P<names>`[^`]+`(?:,? (?:and )?`[^`]+`)*)\.?\s*$")


@dataclass(frozen=True)
class Requirement:
    """One testable sentence. `functions` are dotted names, `checks` pytest ids; a numeric requirement has functions."""

    id: str
    basis: str
    source: str
    text: str
    functions: tuple[str, ...]
    checks: tuple[str, ...]
    chapter: str
    line: int

    @property
    def numeric(self) -> bool:
        return bool(self.functions)


def basis(id: str) -> str:
    """What the requirement rests on: "text" of the standard, "derived" from it, or "qref's choice".

    Raises:
        BadVectors: no chapter holds it.
    """
    return requirement(id).basis


def requirement(id: str) -> Requirement:
    """The requirement called `id`.

    Raises:
        BadVectors: no chapter holds it.
    """
    found = all().get(id)
    if found is None:
        raise BadVectors(f"requirement {id} stands in no chapter of {data.spec()}")
    return found


@cache
def all() -> dict[str, Requirement]:
    """Every requirement of the spec by its id, in the order of chapters and lines.

    Raises:
        BadVectors: a block does not have the form above, or an id stands twice.
    """
    return read(data.spec())


def read(folder: Path) -> dict[str, Requirement]:
    """The requirements of the chapters in `folder`; raises as `all`."""
    found: dict[str, Requirement] = {}
    for path in sorted(folder.glob("*.md")):
        for line, block in blocks(path.read_text(encoding="utf-8")):
            one = parse(block, path.name, line)
            if one.id in found:
                other = found[one.id]
                raise BadVectors(f"{path.name}:{line}: {one.id} stands in {other.chapter}:{other.line} already")
            found[one.id] = one
    return found


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """The line number and text of each paragraph that begins with a requirement's id."""
    block: list[str] = []
    start, fenced = 0, False
    for number, line in enumerate([*text.splitlines(), ""], 1):
        fenced ^= line.startswith("```")
        if not fenced and START.match(line):
            if block:
                yield start, "\n".join(block)
            block, start = [line], number
        elif block and line.strip() and not line.startswith("```"):
            block.append(line)
        elif block:
            yield start, "\n".join(block)
            block = []


def parse(block: str, chapter: str, line: int) -> Requirement:
    """The requirement of one block.

    Raises:
        BadVectors: id, basis, source, a sentence with "shall" or the line of links is missing.
    """
    place = f"{chapter}:{line}"
    form = FORM.fullmatch(" ".join(block.split()))
    if form is None:
        raise BadVectors(f"{place}: a requirement reads **ID** (basis · source) sentence, then Function: or Check:")
    head, rest = split_parenthesis(form["rest"], place)
    stated, _, source = (part.strip() for part in head.partition("·"))
    if stated not in BASES:
        raise BadVectors(f"{place}: {form['id']} has the basis {stated!r}; it is one of {', '.join(BASES)}")
    link = LINK.search(rest)
    if link is None:
        raise BadVectors(f"{place}: {form['id']} ends with neither a line Function: `name` nor Check: `test`")
    text = rest[: link.start()].strip()
    if not re.search(r"\bshall\b", text):
        raise BadVectors(f"{place}: {form['id']} has no sentence with shall")
    names = tuple(re.findall(r"`([^`]+)`", link["names"]))
    functions, checks = (names, ()) if link["kind"] == "Function" else ((), names)
    return Requirement(form["id"], stated, source, text, functions, checks, chapter, line)


def split_parenthesis(text: str, place: str) -> tuple[str, str]:
    """What stands inside the parenthesis that `text` begins with, and what follows it."""
    depth = 0
    for i, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[1:i], text[i + 1 :].strip()
    raise BadVectors(f"{place}: the parenthesis of basis and source is not closed")
