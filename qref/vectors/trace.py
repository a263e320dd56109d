"""Tracing: requirement → reference function → vectors → tests, and what is missing on the way."""

import ast
import importlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qref.vectors.case import Suite
from qref.vectors.requirements import Requirement


@dataclass(frozen=True)
class Row:
    """A requirement with the ids of the cases that name it and the pytest ids of the tests marked with it."""

    requirement: Requirement
    cases: tuple[str, ...]
    tests: tuple[str, ...]


def rows(
    requirements: Mapping[str, Requirement], suites: Sequence[Suite], marked: Mapping[str, Sequence[str]]
) -> list[Row]:
    """One row a requirement, in the spec's order."""
    cases: dict[str, list[str]] = defaultdict(list)
    for suite in suites:
        for case in suite.cases:
            for id in case.requirements:
                cases[id].append(case.id)
    return [
        Row(one, tuple(cases.get(one.id, ())), (*one.checks, *(test for test in marked.get(one.id, ()))))
        for one in requirements.values()
    ]


def gaps(
    table: Sequence[Row], suites: Sequence[Suite], marked: Mapping[str, Sequence[str]], tests: Path
) -> Iterator[str]:
    """One line for each thing that is missing: `marked` are the tests that `marked_tests(tests)` found."""
    known = {row.requirement.id for row in table}
    for row in table:
        yield from _row_gaps(row, tests)
    for suite in suites:
        for case in suite.cases:
            for id in sorted(set(case.requirements) - known):
                yield f"{case.id} names {id}, which no chapter holds"
    for id in sorted(set(marked) - known):
        yield f"{marked[id][0]} is marked with {id}, which no chapter holds"


def _row_gaps(row: Row, tests: Path) -> Iterator[str]:
    one = row.requirement
    place = f"{one.id} ({one.chapter}:{one.line})"
    for name in one.functions:
        if resolve(name) is None:
            yield f"{place}: there is no function {name}"
    if one.numeric and not row.cases:
        yield f"{place}: no vector names it"
    if one.numeric and not row.tests:
        yield f"{place}: no test is marked with it"
    for check in one.checks:
        if not exists(check, tests.parent):
            yield f"{place}: there is no test {check}"


def resolve(name: str) -> Any:
    """The object with a dotted name such as qref.ops.onnx.quantize_linear.quantize_linear, None where there is none."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part, None)
        return found
    return None


def exists(test: str, root: Path) -> bool:
    """Whether a pytest id such as tests/vectors/test_verify.py::test_key names a test function."""
    file, _, name = test.partition("::")
    path = root / file
    return path.is_file() and (not name or name in {test for test, _ in functions(path)})


def marked_tests(tests: Path) -> dict[str, list[str]]:
    """The pytest ids of the tests marked @pytest.mark.requirement("…"), by requirement; `tests` is their folder."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(tests.rglob("test_*.py")):
        file = path.relative_to(tests.parent).as_posix()
        for name, marks in functions(path):
            for id in marks:
                found[id].append(f"{file}::{name}")
    return dict(found)


def functions(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Each test function of a file (Class::name inside a class) with the requirements it is marked with."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    everywhere = [
        id
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
        for id in _marks(node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value])
    ]
    yield from _functions(tree.body, "", everywhere)


def _functions(body: Iterable[ast.stmt], prefix: str, inherited: list[str]) -> Iterator[tuple[str, list[str]]]:
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield prefix + node.name, inherited + _marks(node.decorator_list)
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _functions(node.body, f"{prefix}{node.name}::", inherited + _marks(node.decorator_list))


def _marks(expressions: Iterable[ast.expr]) -> list[str]:
    """The arguments of those expressions that read pytest.mark.requirement("…", …)."""
    return [
        argument.value
        for node in expressions
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "requirement"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
