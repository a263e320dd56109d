"""`qref conform` from its options to its exit code."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qref.engines.catalogue import command_of
from qref.errors import BadAnswers, UsageError
from qref.judge import answers, expectations, report, terminal
from qref.judge.run import Settings, asked, chosen, run
from qref.judge.signals import ends_like_ctrl_c
from qref.judge.summary import Summary, summarize
from qref.vectors import suite_json
from qref.vectors.case import Suite

INTERRUPTED = 130


@dataclass(frozen=True)
class Options:
    """The command line's options: which suites, how to run, how to judge, what to write."""

    suites: Sequence[str] | None
    settings: Settings
    strict: bool = False
    expect: Path | None = None
    require: tuple[str, ...] = ()
    json: Path | None = None
    junit: Path | None = None
    requests: Path | None = None


def conform_command(engine: str | None, options: Options) -> int:
    """Runs, prints and writes; returns the exit code.

    Raises:
        QrefError: the run could not be made.
    """
    if options.requests is not None:
        return _write_requests(engine, options.requests, options)
    if engine is None:
        raise UsageError("which engine? qref conform ENGINE; `qref engines` lists them, --requests F needs none")
    expected = [] if options.expect is None else expectations.read(options.expect)
    for path in (options.json, options.junit):
        if path is not None:
            report.check_writable(path)
    if not engine.startswith("answers:"):
        command_of(engine)  # an engine that does not exist is said before the suites are read
    try:
        with ends_like_ctrl_c():
            return _judge(engine, load(options), options, expected)
    except KeyboardInterrupt:
        print("qref: interrupted; `--resume` goes on where this stopped", file=sys.stderr)
        return INTERRUPTED


def load(options: Options) -> list[Suite]:
    """The suites to run. Raises BadVectors."""
    return suite_json.load_all(options.suites or None)


def _judge(engine: str, suites: Sequence[Suite], options: Options, expected: Sequence[expectations.Expectation]) -> int:
    out = terminal.console()
    with terminal.Watcher(out) as watcher:
        done = run(engine, suites, options.settings, watcher)
    watcher.end(done)
    for warning in done.warnings[: terminal.LINES]:
        print(f"qref: {warning}", file=sys.stderr)
    if len(done.warnings) > terminal.LINES:
        print(f"qref: {len(done.warnings) - terminal.LINES} more lines like these", file=sys.stderr)
    summary = summarize(done, options.strict, expected, options.require)
    try:
        where = _write_reports(summary, options)
    except BadAnswers:  # the verdicts are not lost with it
        terminal.show(out, replace(summary, exit_code=2), "")
        raise
    if done.journal is not None:
        done.journal.close(finished=True)
    terminal.show(out, summary, where)
    return summary.exit_code


def _write_reports(summary: Summary, options: Options) -> str:
    """Writes JUnit and the report, and says where the latter is.

    By default it goes here, and a folder that cannot be written changes no verdict.
    """
    content = report.to_bytes(report.report(summary))
    if options.junit is not None:
        report.write(options.junit, report.junit(summary))
    if options.json is not None:
        report.write(options.json, content)
        return str(options.json)
    default = Path(f"qref-{report.slug(summary.run.hello.name)}.json")
    try:
        report.write(default, content)
    except BadAnswers as error:
        print(f"qref: no report: {error}; --json F puts it elsewhere", file=sys.stderr)
        return ""
    return str(default)


def _write_requests(engine: str | None, path: Path, options: Options) -> int:
    if engine is not None:
        raise UsageError("--requests F writes the requests for an engine elsewhere: leave ENGINE out")
    suites = load(options)
    cases = asked(chosen(suites, options.settings), options.settings.profile)
    count = answers.write_requests(path, cases)
    print(
        f"{path}: Hello and {count:,} requests; judge the answers by qref conform answers:FILE, with the same filters"
    )
    return 0
