from pathlib import Path

import pytest

from qref.errors import BadVectors
from qref.vectors import requirements

CHAPTER = """# Rounding

**QREF-RQ-001** (text · ONNX QuantizeLinear-10, "round to nearest (ties to even)") The exact quotient shall be
rounded half to even before the zero point is added.
*Function:* `qref.numerics.rounding.half_even`

```python
**QREF-RQ-009** is no requirement inside a fence
```

Some words on **QREF-RQ-001**.

**QREF-PR-002** (qref's choice · the protocol) An engine shall answer one line a request.
*Check:* `tests/engines/test_session.py::test_one_line`, `tests/engines/test_session.py::test_two`
"""


def test_a_chapter_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "rounding.md").write_text(CHAPTER)
    found = requirements.read(tmp_path)
    assert list(found) == ["QREF-RQ-001", "QREF-PR-002"]
    rounding, protocol = found.values()
    assert rounding.basis == "text"
    assert rounding.source == 'ONNX QuantizeLinear-10, "round to nearest (ties to even)"'
    assert rounding.text.startswith("The exact quotient shall be rounded half to even")
    assert rounding.functions == ("qref.numerics.rounding.half_even",)
    assert rounding.numeric
    assert (rounding.chapter, rounding.line) == ("rounding.md", 3)
    assert protocol.basis == "qref's choice"
    assert protocol.checks[1] == "tests/engines/test_session.py::test_two"
    assert not protocol.numeric


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("**QREF-RQ-001** It shall.\nFunction: `a.b`", "a requirement reads"),
        ("**QREF-RQ-001** (guess · me) It shall.\nFunction: `a.b`", "has the basis 'guess'"),
        ("**QREF-RQ-001** (text · me It shall.\nFunction: `a.b`", "is not closed"),
        ("**QREF-RQ-001** (text · me) It does.\nFunction: `a.b`", "no sentence with shall"),
        ("**QREF-RQ-001** (text · me) It shall.", "neither a line Function: `name` nor Check: `test`"),
        ("**QREF-RQ-001** (text · me) It shall.\nFunction: a.b", "neither a line"),
    ],
)
def test_a_malformed_block_names_its_line(tmp_path: Path, block: str, complaint: str) -> None:
    (tmp_path / "x.md").write_text(f"# X\n\n{block}\n")
    with pytest.raises(BadVectors, match=complaint) as caught:
        requirements.read(tmp_path)
    assert str(caught.value).startswith("x.md:3: ")


def test_an_id_stands_once(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("**QREF-RQ-001** (text · me) It shall.\nFunction: `a.b`\n")
    with pytest.raises(BadVectors, match=r"b.md:1: QREF-RQ-001 stands in a.md:1 already"):
        requirements.read(tmp_path)


def test_an_unknown_id() -> None:
    with pytest.raises(BadVectors, match="QREF-ZZ-999 stands in no chapter"):
        requirements.basis("QREF-ZZ-999")
