"""A dialogue with an engine that outlives its failures: restarted after a crash, a hang or a broken protocol."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qref.engines import protocol
from qref.engines.child import Broken, Child, Crash, Timeout
from qref.engines.protocol import Fault, Hello, Reply, WrongId
from qref.errors import EngineError
from qref.ops.request import Request

FINISH_SECONDS = 2.0
STARTS = 3  # attempts to start a failed engine again
PAUSE = 0.2  # seconds after the first attempt


@dataclass(frozen=True)
class Command:
    """How an engine is started: the argument list, what is added to the environment, and the words it is shown by."""

    shown: str
    arguments: Sequence[str]
    environment: Mapping[str, str] | None = None


class Session:
    """One engine process at a time, started on demand.

    `corrections` holds what later lines revealed about answers already returned: (id, reply) of requests that were
    answered twice.

    Raises (start, ask):
        EngineError: the engine does not start or does not answer Hello, in `ask` not in STARTS attempts.
    """

    def __init__(self, command: Command, seconds: float, hello_seconds: float = protocol.HELLO_SECONDS) -> None:
        self._command = command
        self._seconds = seconds
        self._hello_seconds = hello_seconds
        self._child: Child | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self._last: int | None = None
        self.corrections: list[tuple[int, Reply]] = []

    def start(self) -> Hello:
        """Starts the engine and greets it."""
        with self._lock:
            if self._stopped:
                raise EngineError("the run was stopped")
            child = self._child = Child(self._command.arguments, self._command.environment)
        self._last = None
        try:
            line = child.exchange(protocol.hello_line(), self._hello_seconds)
            return protocol.hello_of(protocol.read_object(line))
        except (Crash, Timeout, Broken, Fault, EngineError) as error:
            words = child.last_words()
            self._drop()
            raise EngineError(self._no_hello(error, words)) from None
        except BaseException:  # Ctrl-C while it starts
            self._drop()
            raise

    def ask(self, request: Request, number: int) -> Reply:
        """The engine's reply to `request`; a failure of the engine is a reply as well."""
        if self._child is None:
            self._start_again()
        reply = self._answer(protocol.request_line(request, number), number)
        return self.ask(request, number) if reply is None else reply

    def finish(self) -> None:
        """Ends the dialogue. A line after the last answer is a fault of the last request."""
        if self._child is None:
            return
        rest = self._child.finish(FINISH_SECONDS)
        self._child = None
        if rest.strip() and self._last is not None:
            self.corrections.append((self._last, _several(rest)))

    def stop(self) -> None:
        """Kills the engine from another thread and lets no other start; the request under way ends as a crash."""
        with self._lock:
            self._stopped = True
            if self._child is not None:
                self._child.kill_group()

    @property
    def stopped(self) -> bool:
        """Whether stop was called."""
        return self._stopped

    def _start_again(self) -> None:
        """Starts the engine after a failure; what held it back, a lock or a port, may need a moment to go."""
        for attempt in range(1, STARTS + 1):
            try:
                self.start()
                return
            except EngineError:
                if attempt == STARTS or self._stopped:
                    raise
                time.sleep(PAUSE * attempt)

    def _answer(self, line: bytes, number: int) -> Reply | None:
        """The reply to a line; None where the engine answered the request before once more instead."""
        assert self._child is not None
        rest = self._child.unread()
        if rest.strip():
            if self._last is None:
                return self._fail("fault", _unasked(rest))
            self._late(rest)
            return None
        try:
            answer = self._child.exchange(line, self._seconds)
            reply = protocol.answer_of(protocol.read_object(answer), number)
        except Crash as error:
            return self._fail("crash", error)
        except Timeout as error:
            return self._fail("timeout", error)
        except WrongId as error:
            if error.found != self._last:
                return self._fail("fault", error)
            self._late(answer)
            return None
        except (Broken, Fault) as error:
            return self._fail("fault", error)
        rest = self._child.unread()
        if rest.strip():
            self._drop()
            return _several(rest)
        self._last = number
        return reply

    def _late(self, rest: bytes) -> None:
        """What came after the last answer is that request's fault, not the next one's."""
        assert self._last is not None
        self.corrections.append((self._last, _several(rest)))
        self._drop()

    def _fail(self, kind: str, error: Exception) -> Reply:
        self._drop()
        return Reply(kind, words=str(error))

    def _drop(self) -> None:
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.kill()

    def _no_hello(self, error: Exception, words: list[str]) -> str:
        why = str(error)
        if not isinstance(error, EngineError):
            why = f"does not answer Hello: {why}; asked was {protocol.hello_line().decode().strip()}"
        lines = "".join(f"\n  {line}" for line in words)
        return f"{self._command.shown} {why}" + (f"\nIts last lines on standard error:{lines}" if lines else "")


def _unasked(rest: bytes) -> Fault:
    return Fault(f"wrote before it was asked: {protocol.excerpt(rest)}")


def _several(rest: bytes) -> Reply:
    return Reply("fault", words=f"wrote more than its one answer: {protocol.excerpt(rest)}")
