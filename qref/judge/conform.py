"""Judging an engine from Python: the same road as the command line's, without the printing."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qref.judge import report
from qref.judge.expectations import read as read_expectations
from qref.judge.run import Run, Settings, run
from qref.judge.summary import Summary, summarize
from qref.vectors import suite_json


class Conformance:
    """What an engine's answers are worth: `report` as the contract has it, and the exit code of the command line."""

    def __init__(self, summary: Summary) -> None:
        self.summary = summary
        self.report: dict[str, Any] = report.report(summary)
        self.exit_code = summary.exit_code

    @property
    def counts(self) -> dict[str, int]:
        """How many cases have each result."""
        return dict(self.report["summary"])

    def save(self, path: str | Path) -> None:
        """Writes the report. Raises BadAnswers where that fails."""
        report.write(Path(path), report.to_bytes(self.report))


def conform(
    engine: str,
    *,
    suites: Sequence[str] | None = None,
    ops: Sequence[str] = (),
    cases: Sequence[str] = (),
    profile: str | None = None,
    strict: bool = False,
    expect: str | Path | None = None,
    require: Sequence[str] = (),
    repeat: int = 1,
    timeout: float = 10.0,
    jobs: int = 1,
    watch: Callable[[Run, int, int], None] = lambda *_: None,
) -> Conformance:
    """Judges `engine` (an adapter's name, cmd:PROGRAM ARGS or answers:FILE) by the published vectors.

    Args:
        suites: names of suites, all by default. ops, cases: only these operators, these ids, keys or globs.
        profile: the requantization profile that judges instead of the standard's text.
        strict: acceptable counts as a fail. expect: a TOML file of expected results. require: operators that must be
            supported.
        repeat: times that each case is asked. timeout: seconds for each. jobs: engines at a time.
        watch: called with the run so far, the number of cases done, and of all.

    Raises:
        QrefError: the run could not be made; the message says what to do.
    """
    expectations = read_expectations(Path(expect)) if expect is not None else []
    settings = Settings(profile, tuple(ops), tuple(cases), timeout, jobs, repeat)
    done = run(engine, suite_json.load_all(suites), settings, watch)
    return Conformance(summarize(done, strict, expectations, require))
