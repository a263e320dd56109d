"""The table of mistakes: complete, uniquely named, and saying what a reader needs."""

import ast
import re
from pathlib import Path

import pytest

import qref.mistakes
from qref.mistakes import MISTAKES, SYMPTOMS, Mistake
from qref.ops import OPERATORS

FOLDER = Path(qref.mistakes.__file__).parent
REPORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+#[1-9][0-9]*")


def files_with_a_mistake() -> list[str]:
    """Names of the modules that define MISTAKE."""
    found = []
    for path in sorted(FOLDER.glob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
        if any(isinstance(target, ast.Name) and target.id == "MISTAKE" for target in targets):
            found.append(path.stem)
    return found


def test_the_table_holds_every_file() -> None:
    assert sorted(name.replace("-", "_") for name in MISTAKES) == files_with_a_mistake()


@pytest.mark.parametrize("name", MISTAKES)
def test_each_says_what_a_reader_needs(name: str) -> None:
    mistake: Mistake = MISTAKES[name]
    assert mistake.name == name
    assert mistake.symptom in SYMPTOMS
    assert mistake.flags
    assert len(set(mistake.flags)) == len(mistake.flags)
    for sentence in (mistake.effect, mistake.fix):
        assert sentence.endswith((".", ")"))
        assert len(sentence) < 320
    assert any(digit in mistake.effect for digit in "0123456789"), "the effect names no number"


@pytest.mark.parametrize("name", MISTAKES)
def test_each_touches_operators_that_exist(name: str) -> None:
    known = {operator for _, operator in OPERATORS}
    assert MISTAKES[name].operators
    assert set(MISTAKES[name].operators) <= known


@pytest.mark.parametrize("name", MISTAKES)
def test_reports_are_repository_and_number(name: str) -> None:
    mistake = MISTAKES[name]
    assert all(REPORT.fullmatch(report) for report in mistake.seen_in)
    assert len(set(mistake.seen_in)) == len(mistake.seen_in)
    assert mistake.seen_in or not mistake.real, "real, but no report shows it"


def test_no_two_share_effect_or_run() -> None:
    mistakes = list(MISTAKES.values())
    assert len({mistake.effect for mistake in mistakes}) == len(mistakes)
    assert len({mistake.run for mistake in mistakes}) == len(mistakes)
