"""A run on the terminal: progress and colour there, plain lines in a pipe or in CI."""

import hashlib
import os
import sys
from collections import Counter
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from qref.engines.protocol import excerpt
from qref.judge import explain
from qref.judge.compare import BROKEN
from qref.judge.explain import Acceptance, Cause
from qref.judge.machine import this_machine
from qref.judge.run import Run
from qref.judge.summary import Summary
from qref.mistakes import MISTAKES
from qref.numerics.profiles import PROFILES
from qref.vectors.case import Suite

STYLES = {"pass": "green", "acceptable": "yellow", "fail": "red", "crash": "red", "timeout": "red", "fault": "red"}
ALWAYS = ("pass", "acceptable", "fail", "unsupported")
SOMETIMES = ("open", "crash", "timeout", "fault")
LINES = 10
FEW = 3  # wholly unsupported operators that have a line each
WORDS = 120  # characters of a detail


class _Console(Console):
    """A console whose reader may go, `qref conform … | head`: what is left to do, the report above all, is done."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console() -> Console:
    """A console that wraps nothing and colours nothing but what it is told to."""
    return _Console(highlight=False, soft_wrap=True, emoji=False, markup=False)


class Watcher:
    """Shows the engine as soon as it has presented itself, and then how far the run is."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._shown = False
        self._lively = out.is_terminal and not os.environ.get("CI")

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, run: Run, done: int, total: int) -> None:
        self.head(run)
        if not self._lively:
            return
        if self._progress is None:
            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=self._out
            )
            self._task = self._progress.add_task(f"{count(total, 'case')}", total=total)
            self._progress.start()
        assert self._task is not None
        self._progress.update(self._task, completed=done)

    def head(self, run: Run) -> None:
        """The first line, once."""
        if not self._shown:
            self._shown = True
            self._out.print(first_line(run))

    def end(self, run: Run) -> None:
        """What stands for the bar where there is none."""
        self.head(run)
        if self._progress is None:
            self._out.print(f"{count(len(run.outcomes), 'case')} in {run.seconds:.1f} s")


def first_line(run: Run) -> str:
    """The engine, what judges it, the machine and the vectors."""
    profile = run.settings.profile
    judge = "the ONNX text" if profile is None else f"profile {profile}"
    name = f"{run.hello.name} {run.hello.version}"
    return " · ".join([name, f"judged by {judge}", this_machine().short, f"vectors {vectors(run.suites)}"])


def vectors(suites: Sequence[Suite]) -> str:
    """The vectors' version and the beginning of their hash."""
    versions = "/".join(dict.fromkeys(suite.version for suite in suites))
    hashes = sorted(f"{suite.name} {suite.sha256}" for suite in suites)
    whole = suites[0].sha256 if len(suites) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    return f"{versions} ({whole[:4]}…)"


def show(out: Console, summary: Summary, report: str) -> None:
    """Everything below the progress bar. `report` says where the report is, "" where there is none."""
    for line in [
        *table(summary),
        Text(),
        *failures(summary.causes),
        *acceptances(summary.acceptances),
        *profiles(summary),
        *repeats(summary),
        *deviations(summary),
    ]:
        out.print(line)
    end = f"exit {summary.exit_code}"
    out.print(f"Report: {report}".ljust(70) + f" {end}" if report else end)


def table(summary: Summary) -> list[Text]:
    """One line an operator, columns of results that occur; operators that are wholly unsupported share a line."""
    columns = [*ALWAYS, *(result for result in SOMETIMES if summary.counts[result])]
    rows = [*_shown(summary), ("all", summary.counts)]
    width = max(len("operator"), *(len(name) for name, _ in rows))
    head = Text("operator".ljust(width) + "".join(column.rjust(_width(column)) for column in columns), style="bold")
    return [head, *(_row(name, counts, columns, width) for name, counts in rows)]


def _shown(summary: Summary) -> list[tuple[str, Counter[str]]]:
    """What stands in the table, by operator."""
    rows = sorted(summary.by_operator.items())
    missing = [(name, counts) for name, counts in rows if set(+counts) == {"unsupported"}]
    if len(missing) <= FEW:
        return rows
    whole = sum((counts for _, counts in missing), Counter[str]())
    return [*(row for row in rows if row not in missing), (f"{len(missing)} other operators", whole)]


def failures(causes: Sequence[Cause]) -> list[Text]:
    """The causes of failures in at most LINES lines."""
    if not causes:
        return []
    counts = Counter(_result(cause) for cause in causes for _ in cause.outcomes)
    total = ", ".join(f"{counts[result]:,} {result}" for result in ("fail", *BROKEN) if counts[result])
    lines = [Text(f"{total}, {count(len(causes), 'cause')}", style="red")]
    for k, cause in enumerate(causes):
        more = _cause(cause, causes)
        if len(lines) + len(more) > LINES or (k + 1 < len(causes) and len(lines) + len(more) == LINES):
            lines.append(Text(f"  … {count(len(causes) - k, 'more cause')} in the report"))
            break
        lines += more
    return lines


def acceptances(groups: Sequence[Acceptance]) -> list[Text]:
    """Acceptable answers by reason."""
    if not groups:
        return []
    total = sum(len(group.outcomes) for group in groups)
    head = f"{total:,} acceptable, {count(len(groups), 'reason')}"
    if len(groups) == 1:
        return [Text(f"{head}: {_acceptance(groups[0], total)}", style="yellow")]
    lines = [Text(f"  {len(group.outcomes):,}: {_acceptance(group, len(group.outcomes))}") for group in groups[:5]]
    rest = [Text(f"  … {count(len(groups) - 5, 'more reason')} in the report")] if len(groups) > 5 else []
    return [Text(head, style="yellow"), *lines, *rest]


def profiles(summary: Summary) -> list[Text]:
    """The profile the engine says it follows, and the nearest one."""
    lines = []
    claimed = summary.run.hello.profile
    if claimed is not None:
        near = next((n for n in summary.nearness if n.profile == claimed), None)
        share = f", {near.equal:,} of {near.inside:,} requantized cases" if near else ""
        share = share if claimed in PROFILES else f", none of qref's profiles ({', '.join(PROFILES)})"
        lines.append(Text(f"It says it follows: {claimed}{share}"))
    if summary.nearness and summary.nearness[0].equal:
        best = summary.nearness[0]
        ties = [n.profile for n in summary.nearness if (n.equal, n.inside) == (best.equal, best.inside)]
        lines.append(
            Text(f"Nearest profile: {' and '.join(ties)}, {best.equal:,} of {best.inside:,} requantized cases")
        )
    return lines


def repeats(summary: Summary) -> list[Text]:
    """Cases whose repetitions differ."""
    if summary.run.settings.repeat == 1:
        return []
    changed = summary.changed
    if not changed:
        return [Text(f"No element changes in {summary.run.settings.repeat} repetitions")]
    elements = sum(outcome.changed for outcome in changed)
    words = f"{count(elements, 'element')} in {count(len(changed), 'case')} change between repetitions"
    return [Text(f"{words}, first: {changed[0].case.id}", style="red")]


def deviations(summary: Summary) -> list[Text]:
    """What is not as --expect and --require say."""
    lines = [Text(f"required, but not supported: {op}", style="red") for op in summary.missing]
    lines += [Text(f"expected, but no case has this name: {glob}", style="yellow") for glob in summary.unused]
    for deviation in summary.deviations[:LINES]:
        wanted = " or ".join(deviation.expectation.results)
        verdict = deviation.outcome.verdict.result
        words = f"{deviation.outcome.case.id}: expected {wanted}, is {verdict} ({deviation.expectation.reason})"
        lines.append(Text(words, style="red"))
    if len(summary.deviations) > LINES:
        lines.append(Text(f"… {len(summary.deviations) - LINES:,} more deviations from the expected results"))
    return lines


def count(n: int, noun: str) -> str:
    """1 case, 4,812 cases."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _width(column: str) -> int:
    return max(8, len(column) + 2)


def _row(name: str, counts: Counter[str], columns: Sequence[str], width: int) -> Text:
    line = Text(name.ljust(width))
    for column in columns:
        style = STYLES.get(column, "") if counts[column] else "dim"
        line.append(f"{counts[column]:,}".rjust(_width(column)), style=style)
    return line


def _result(cause: Cause) -> str:
    return cause.kind if cause.kind in BROKEN else "fail"


def _cause(cause: Cause, causes: Sequence[Cause]) -> list[Text]:
    """Two lines: what it is, and where to look."""
    first = cause.smallest
    where = f"smallest: {first.case.key} → qref show {first.case.key}"
    size = len(cause.outcomes)
    if cause.kind in BROKEN:
        detail = excerpt(first.verdict.detail, WORDS)
        return [Text(f"  {cause.kind}  {detail}  {count(size, 'case')}"), Text(f"    {where}")]
    failing = sum(len(other.outcomes) for other in causes if other.kind not in BROKEN)
    requirements = list(dict.fromkeys(id for outcome in cause.outcomes for id in outcome.case.requirements))
    about = " ".join(requirements[:3]) + (" …" if len(requirements) > 3 else "")
    reading = " (fails qref's reading)" if all(explain.reading(outcome.case) for outcome in cause.outcomes) else ""
    if cause.kind == "requirement":
        profile = explain.gives_all(cause.outcomes)
        why = f"profile {profile} gives all their numbers: --profile {profile}" if profile else "no known mistake"
        return [
            Text(f"  {cause.name}{reading}  {count(size, 'case')}, {why}"),
            Text(f"    {first.verdict.detail} · {where}"),
        ]
    seen = MISTAKES[cause.name].seen_in if cause.name in MISTAKES else ()
    seen_in = f" · seen in {', '.join(seen[:2])}" if seen else ""
    return [
        Text(f"  {cause.name}   reproduces all wrong numbers of {size:,} of {failing:,} cases"),
        Text(f"    {about}{reading}{seen_in} · {where}"),
    ]


def _acceptance(group: Acceptance, total: int) -> str:
    return group.reason + (f" ({group.profile} gives all {total:,})" if group.profile else "")
