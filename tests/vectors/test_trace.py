from pathlib import Path

import pytest

from qref.vectors import links, trace
from qref.vectors.case import Suite
from qref.vectors.requirements import Requirement

MARKED = '''
import pytest

pytestmark = [pytest.mark.requirement("QREF-RQ-003")]


@pytest.mark.requirement("QREF-RQ-001", "QREF-RQ-002")
def test_first():
    """Not executed."""


class TestThings:
    @pytest.mark.requirement("QREF-RQ-001")
    @pytest.mark.parametrize("x", [1])
    def test_second(self, x): ...


def helper(): ...
'''


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_it.py").write_text(MARKED)
    return folder


def requirement(id: str, functions: tuple[str, ...] = (), checks: tuple[str, ...] = ()) -> Requirement:
    return Requirement(id, "text", "source", "It shall.", functions, checks, "x.md", 1)


def gaps(suite: Suite, tests: Path, *found: Requirement) -> list[str]:
    marked = trace.marked_tests(tests)
    rows = trace.rows({one.id: one for one in found}, [suite], marked)
    return list(trace.gaps(rows, [suite], marked, tests))


def test_marks_are_read_without_running_the_tests(tests: Path) -> None:
    assert trace.marked_tests(tests) == {
        "QREF-RQ-003": ["tests/test_it.py::test_first", "tests/test_it.py::TestThings::test_second"],
        "QREF-RQ-001": ["tests/test_it.py::test_first", "tests/test_it.py::TestThings::test_second"],
        "QREF-RQ-002": ["tests/test_it.py::test_first"],
    }


def test_a_complete_trace_has_no_gap(tiny: Suite, tests: Path) -> None:
    (tests / "test_it.py").write_text('@pytest.mark.requirement("QREF-RQ-001")\ndef test_first(): ...\n')
    function = requirement("QREF-RQ-001", ("qref.ops.run",))
    check = requirement("QREF-PR-001", (), ("tests/test_it.py::test_first",))
    assert gaps(tiny, tests, function, check) == []


def test_each_gap_is_named(tiny: Suite, tests: Path) -> None:
    found = gaps(
        tiny,
        tests,
        requirement("QREF-RQ-004", ("qref.ops.nothing", "qref.nowhere.at_all")),
        requirement("QREF-PR-001", (), ("tests/test_it.py::test_third", "tests/test_other.py")),
    )
    assert found[:6] == [
        "QREF-RQ-004 (x.md:1): there is no function qref.ops.nothing",
        "QREF-RQ-004 (x.md:1): there is no function qref.nowhere.at_all",
        "QREF-RQ-004 (x.md:1): no vector names it",
        "QREF-RQ-004 (x.md:1): no test is marked with it",
        "QREF-PR-001 (x.md:1): there is no test tests/test_it.py::test_third",
        "QREF-PR-001 (x.md:1): there is no test tests/test_other.py",
    ]
    assert f"{tiny.cases[0].id} names QREF-RQ-001, which no chapter holds" in found
    assert "tests/test_it.py::test_first is marked with QREF-RQ-002, which no chapter holds" in found


def test_a_name_resolves_through_modules_and_attributes() -> None:
    assert trace.resolve("qref.vectors.trace.Row.__init__") is trace.Row.__init__
    assert trace.resolve("qref.vectors.trace") is trace
    assert trace.resolve("nowhere.at.all") is None


PAGE = """# The first page

## A `heading` with *words*

## Twice

## Twice

**QREF-RQ-001** (text · me) …

[self](#the-first-page) [heading](#a-heading-with-words) [second](#twice_1) [id](#qref-rq-001)
[file](other.md) [there](other.md#other) [web](https://example.org/nothing) `[code](nowhere.md)`

```
[fence](nowhere.md)
```
"""


def test_links_that_lead_somewhere(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE)
    (tmp_path / "other.md").write_text("# Other\n")
    assert list(links.dead([tmp_path / "page.md"], tmp_path)) == []


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("[a](nowhere.md) [b](#nothing) [c](page.md#nothing) [`d`](../docs/x.md)\n")
    assert list(links.dead([tmp_path / "page.md"], tmp_path)) == [
        "page.md: nowhere.md leads nowhere: there is no such file",
        "page.md: #nothing leads nowhere: no heading gives #nothing",
        "page.md: page.md#nothing leads nowhere: no heading gives #nothing",
        "page.md: ../docs/x.md leads nowhere: there is no such file",
    ]


def test_an_included_chapter_gives_its_headings_and_links(tmp_path: Path) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "x.md").write_text("# Chapter\n\n[gone](gone.md)\n")
    (tmp_path / "page.md").write_text('--8<-- "spec/x.md"\n\n[up](#chapter)\n')
    assert list(links.dead([tmp_path / "page.md"], tmp_path)) == [
        "page.md: gone.md leads nowhere: there is no such file"
    ]
