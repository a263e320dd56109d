"""A run: every selected case asked, judged and collected, whatever the engine does meanwhile."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qref.engines.catalogue import command_of
from qref.engines.protocol import Hello, Reply
from qref.engines.session import Command, Session
from qref.errors import EngineError, UsageError
from qref.judge import compare
from qref.judge.answers import Answers
from qref.judge.compare import BROKEN, Verdict
from qref.judge.journal import Asked, Journal
from qref.judge.selection import select
from qref.numerics.profiles import PROFILES
from qref.numerics.tensor import Tensor
from qref.vectors.case import Case, Suite

SEVERITY = ("fault", "crash", "timeout", "fail", "unsupported", "acceptable", "open", "pass")


@dataclass(frozen=True)
class Settings:
    """How a run is made. `journal` is the folder of its journal, None for none."""

    profile: str | None = None
    ops: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    timeout: float = 10.0
    jobs: int = 1
    repeat: int = 1
    resume: bool = False
    journal: Path | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """A case, what it asks with the judging profile applied, the replies to it (one a repetition) and their verdict.

    `judged` is None where the case lies outside the judging profile and was not asked.
    """

    case: Case
    judged: Case | None
    replies: tuple[Reply, ...]
    verdict: Verdict
    changed: int = 0


@dataclass(eq=False)
class Run:
    """What a run gave: outcomes in the order of the cases, the engine as it presented itself, words for stderr.

    `journal` stays until whoever asked for it closes it: what is not reported yet could still be lost.
    """

    engine: str
    hello: Hello
    suites: Sequence[Suite]
    settings: Settings
    outcomes: list[Outcome] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    journal: Journal | None = None


Watch = Callable[[Run, int, int], None]  # the run so far, cases done, cases in all


def run(engine: str, suites: Sequence[Suite], settings: Settings, watch: Watch = lambda *_: None) -> Run:
    """Asks `engine` (an adapter's name, cmd:… or answers:…) the selected cases of `suites`.

    Raises:
        UsageError: an engine, profile, operator or case that does not exist, or no case is selected.
        EngineError: the engine does not start, or does not start again.
        BadAnswers: an answer file cannot be read.
        KeyboardInterrupt: Ctrl-C; the children are dead and the journal stays.
    """
    cases = chosen(suites, settings)
    if settings.jobs < 1 or settings.repeat < 1 or not settings.timeout > 0:
        raise UsageError("--jobs, --repeat and --timeout are to be positive")
    started = time.monotonic()
    if engine.startswith("answers:"):
        result = _from_file(engine, suites, settings, cases)
    else:
        result = _from_engine(command_of(engine), suites, settings, cases, watch)
    result.seconds = time.monotonic() - started
    return result


def chosen(suites: Sequence[Suite], settings: Settings) -> list[Case]:
    """The selected cases. Raises UsageError where there are none, or the profile does not exist."""
    if settings.profile is not None and settings.profile not in PROFILES:
        raise UsageError(f"no profile {settings.profile!r}: there are {', '.join(PROFILES)}")
    cases = select(suites, settings.ops, settings.ids)
    if not cases:
        raise UsageError("no cases: the suites are empty")
    return cases


def asked(cases: Sequence[Case], profile: str | None) -> list[Case]:
    """The cases as `profile` judges them, those outside its domain left out; each asks with the profile's name."""
    inside = [case for case in (compare.under(case, profile) for case in cases) if isinstance(case, Case)]
    return [replace(case, request=replace(case.request, profile=profile)) for case in inside]


def outcome(case: Case, profile: str | None, replies: Sequence[Reply]) -> Outcome:
    """Judges the replies to a case; the worst repetition counts."""
    judged = compare.under(case, profile)
    if isinstance(judged, str):
        return Outcome(case, None, (), Verdict("unsupported", judged))
    verdicts = [compare.judge(judged, reply) for reply in replies]
    worst = min(verdicts, key=lambda verdict: SEVERITY.index(verdict.result))
    changed = changing(replies)
    if changed:
        words = f"{changed} element{'s' if changed > 1 else ''} changed in {len(replies)} repetitions"
        worst = replace(worst, detail=f"{worst.detail}; {words}" if worst.detail else words)
    return Outcome(case, judged, tuple(replies), worst, changed)


def changing(replies: Sequence[Reply]) -> int:
    """How many elements differ from the first repetition in some other; 1 where the kind of answer does."""
    first = replies[0]
    if any(reply.kind != first.kind or len(reply.outputs) != len(first.outputs) for reply in replies):
        return 1
    count = 0
    for k, y in enumerate(first.outputs):
        others = [reply.outputs[k] for reply in replies[1:]]
        if any((other.dtype, other.shape) != (y.dtype, y.shape) for other in others):
            return 1
        rows = [_bytes_of(y)] + [_bytes_of(other) for other in others]
        count += sum(1 for elements in zip(*rows) if len(set(elements)) > 1)
    return count


def _bytes_of(y: Tensor) -> list[bytes]:
    raw, size = y.data.tobytes(), y.data.dtype.itemsize
    return [raw[i : i + size] for i in range(0, len(raw), size)]


def _from_file(engine: str, suites: Sequence[Suite], settings: Settings, cases: Sequence[Case]) -> Run:
    if settings.repeat > 1:
        raise UsageError("--repeat asks an engine again: an answer file holds one answer to each request")
    answers = Answers(Path(engine[len("answers:") :]))
    result = Run(engine, answers.hello, suites, settings, warnings=list(answers.ignored))
    wanted = asked(cases, settings.profile)
    others = answers.others(case.number for case in wanted)
    if others:
        result.warnings.append(f"{others} answer{'s' if others > 1 else ''} to none of the selected cases")
    for case in cases:
        result.outcomes.append(outcome(case, settings.profile, [answers.reply(case.number)]))
    return result


def _from_engine(
    command: Command, suites: Sequence[Suite], settings: Settings, cases: Sequence[Case], watch: Watch
) -> Run:
    first = Session(command, settings.timeout)
    hello = first.start()
    result = Run(command.shown, hello, suites, settings)
    try:
        wanted = asked(cases, settings.profile)
        result.journal, known = _open_journal(result)
        asking = _Asking(wanted, settings, command, first, known, result.journal)
        watch(result, 0, len(cases))
        for done in asking.replies():
            watch(result, min(done // settings.repeat, len(cases)), len(cases))
    except EngineError as error:
        if settings.journal is None:
            raise
        raise EngineError(f"{error}\nWhat was answered is kept: --resume goes on from there") from None
    finally:
        first.stop()
        first.finish()
    result.outcomes = [
        outcome(case, settings.profile, [asking.found[case.number, r] for r in range(settings.repeat)])
        if (case.number, 0) in asking.found
        else outcome(case, settings.profile, [])
        for case in cases
    ]
    watch(result, len(cases), len(cases))
    return result


def _open_journal(run: Run) -> tuple[Journal | None, dict[Asked, Reply]]:
    settings = run.settings
    if settings.journal is None:
        return None, {}
    key = {
        "vectors": {suite.name: suite.sha256 for suite in run.suites},
        "name": run.hello.name,
        "version": run.hello.version,
        "command": run.engine,
        "profile": settings.profile,
        "timeout": settings.timeout,
    }
    journal = Journal(settings.journal, key)
    known = journal.read() if settings.resume else {}
    journal.open(known)
    return journal, known


class _Asking:
    """Asks what is not known yet, `jobs` engines at a time; `found` holds the replies, the journal each at once."""

    def __init__(
        self,
        cases: Sequence[Case],
        settings: Settings,
        command: Command,
        first: Session,
        known: dict[Asked, Reply],
        journal: Journal | None,
    ) -> None:
        self.found = dict(known)
        self._journal = journal
        todo = [(case, r) for r in range(settings.repeat) for case in cases if (case.number, r) not in known]
        self._todo = iter(todo)
        self._lock = threading.Lock()
        self._events: queue.Queue[int | BaseException | None] = queue.Queue()  # replies found, or how a thread ended
        jobs = max(1, min(settings.jobs, len(todo)))
        self._sessions = [first] + [Session(command, settings.timeout) for _ in range(jobs - 1)]

    def replies(self) -> Iterator[int]:
        """Runs to the end; yields the number of replies whenever there is another."""
        threads = [threading.Thread(target=self._work, args=(s,), daemon=True) for s in self._sessions]
        for thread in threads:
            thread.start()
        try:
            yield from self._collect(len(threads))
        except BaseException:
            for session in self._sessions:
                session.stop()
            raise
        finally:
            for thread in threads:
                thread.join(5)

    def _collect(self, running: int) -> Iterator[int]:
        while running:
            try:
                event = self._events.get(timeout=0.5)  # a wait without an end could not be interrupted everywhere
            except queue.Empty:
                continue
            if event is None:
                running -= 1
            elif isinstance(event, BaseException):
                raise event
            else:
                yield event

    def _keep(self, asked: Asked, reply: Reply) -> None:
        with self._lock:
            self.found[asked] = reply
            if self._journal is not None:
                self._journal.add(asked, reply)
            self._events.put(len(self.found))

    def _work(self, session: Session) -> None:
        """One thread's part: asks the next case until none is left."""
        repeats: dict[int, int] = {}
        try:
            while (item := self._next()) is not None:
                case, r = item
                repeats[case.number] = r
                reply = session.ask(case.request, case.number)
                self._corrections(session, repeats)
                if reply.kind in BROKEN and session.stopped:
                    return
                self._keep((case.number, r), reply)
            session.finish()
            self._corrections(session, repeats)
            self._events.put(None)
        except BaseException as error:  # handed to the main thread, which stops the run
            self._events.put(error)

    def _corrections(self, session: Session, repeats: dict[int, int]) -> None:
        """What later lines revealed replaces the reply that was taken before."""
        for number, reply in session.corrections:
            self._keep((number, repeats[number]), reply)
        session.corrections.clear()

    def _next(self) -> tuple[Case, int] | None:
        with self._lock:
            return next(self._todo, None)
