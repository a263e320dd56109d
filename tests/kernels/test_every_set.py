"""The published vectors under every instruction set that this machine has."""

import pytest

from qref.errors import EngineError
from qref.judge.conform import conform

pytest.importorskip("numba")
from qref.kernels import instructions

SETS = [one.name for one in instructions.available()]
BAD = ("fail", "crash", "timeout", "fault")


def judged(name: str, monkeypatch: pytest.MonkeyPatch, cases: tuple[str, ...]) -> dict[str, int]:
    monkeypatch.setenv("QREF_KERNELS", name)
    return conform("numba", cases=cases, timeout=60).counts


@pytest.mark.parametrize("name", SETS)
def test_a_sixteenth_of_the_vectors(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = judged(name, monkeypatch, ("0*",))
    assert [counts[result] for result in BAD] == [0, 0, 0, 0]
    assert counts["pass"] > 200


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_all_vectors(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = judged(name, monkeypatch, ())
    assert [counts[result] for result in BAD] == [0, 0, 0, 0]
    assert counts["pass"] > 6000


def test_a_set_that_is_not_here_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QREF_KERNELS", "mmx")
    with pytest.raises(EngineError, match=r"QREF_KERNELS=mmx: this machine has .*portable"):
        conform("numba", cases=("0*",), ops=("Conv",))
