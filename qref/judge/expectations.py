"""Expected results (--expect known.toml): an engine's known failures, each with its reason.

    ["QLinearConv/tie-*"]
    result = "fail"
    reason = "halves away from zero until release 2.1"

The names are globs of case ids (or keys); where several match a case, the last one counts. `result` may be a list.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qref.errors import BadAnswers
from qref.judge.compare import RESULTS
from qref.judge.run import Outcome
from qref.judge.selection import named


@dataclass(frozen=True)
class Expectation:
    """The results that cases called `glob` are expected to have, and why."""

    glob: str
    results: tuple[str, ...]
    reason: str


@dataclass(frozen=True, eq=False)
class Deviation:
    """A case whose result is not the expected one."""

    outcome: Outcome
    expectation: Expectation


def read(path: Path) -> list[Expectation]:
    """The expectations of a file.

    Raises:
        BadAnswers: it cannot be read, is no TOML, or an entry lacks result or reason.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadAnswers(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadAnswers(f"{path} is no TOML: {error}") from None
    return [_expectation(path, glob, entry) for glob, entry in table.items()]


def expected(expectations: Sequence[Expectation], outcome: Outcome) -> Expectation | None:
    """The expectation for a case, None where there is none."""
    mine = [entry for entry in expectations if named(outcome.case, entry.glob)]
    return mine[-1] if mine else None


def deviations(expectations: Sequence[Expectation], outcomes: Sequence[Outcome]) -> list[Deviation]:
    """The cases that do not have the expected result, unexpected passes included."""
    pairs = [(outcome, expected(expectations, outcome)) for outcome in outcomes]
    return [Deviation(o, e) for o, e in pairs if e is not None and o.verdict.result not in e.results]


def unused(expectations: Sequence[Expectation], outcomes: Sequence[Outcome]) -> list[str]:
    """The globs that name none of the cases."""
    return [entry.glob for entry in expectations if not any(named(outcome.case, entry.glob) for outcome in outcomes)]


def _expectation(path: Path, glob: str, entry: object) -> Expectation:
    form = f'{path}: ["{glob}"] needs result = "…" and reason = "…"'
    if not isinstance(entry, dict):
        raise BadAnswers(form)
    results = entry.get("result")
    results = [results] if isinstance(results, str) else results
    if not isinstance(results, list) or not results or any(result not in RESULTS for result in results):
        raise BadAnswers(f"{form}; a result is one of {', '.join(RESULTS)}")
    if not isinstance(entry.get("reason"), str) or not entry["reason"].strip():
        raise BadAnswers(form)
    return Expectation(glob, tuple(results), entry["reason"])
