"""A child process that is asked by one line and answers by one line, and cannot take qref down with it.

Whatever the child does is an outcome with a name: it answers, crashes, hangs, or writes what is no line. Its standard
input is written without blocking (a child may never read), its standard output is read up to a longest line (a child
may never end one), its standard error is drained meanwhile (a child may flood it). It leads a process group of its
own, which is killed as a whole.
"""

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, cast

from qref.engines.protocol import LONGEST_LINE, excerpt
from qref.errors import EngineError

CHUNK = 1 << 16
STDERR_LINES = 20
STDERR_LINE = 400  # bytes kept of a line
GRACE = 1.0  # seconds a dying child has for its exit status
TICK = 0.25  # seconds between looks at a silent child


class Crash(Exception):
    """The child is gone."""


class Timeout(Exception):
    """The child gave no line in time."""


class Broken(Exception):
    """The child wrote something that cannot be an answer, or closed a pipe while it lives on."""


class Child:
    """A running child process.

    Raises:
        EngineError: the program is missing, not executable, or cannot be started.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                env=None if environment is None else dict(environment),
            )
        except (OSError, ValueError) as error:
            raise EngineError(_cannot_start(command, error)) from None
        pipes = self._process.stdin, self._process.stdout, self._process.stderr
        self._stdin, self._stdout, self._stderr = (cast(IO[bytes], pipe) for pipe in pipes)
        self._received = bytearray()
        self._scanned = 0  # bytes of _received known to hold no line feed
        self._errors: deque[bytes] = deque(maxlen=STDERR_LINES)
        self._error_rest = b""
        self._selector = selectors.DefaultSelector()
        for pipe in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)
        for pipe in (self._stdout, self._stderr):
            self._selector.register(pipe, selectors.EVENT_READ)

    def exchange(self, line: bytes, seconds: float) -> bytes:
        """Writes `line`, returns the child's next line without its line feed.

        Raises:
            Crash, Timeout, Broken: there is none, and why.
        """
        deadline = time.monotonic() + seconds
        pending = memoryview(line)
        self._selector.register(self._stdin, selectors.EVENT_WRITE)
        try:
            while True:
                answer = self._next_line()
                if answer is not None:
                    if pending:
                        raise Broken(f"answered before it had read the request: {excerpt(answer)}")
                    return answer
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Timeout(self._silence(seconds, bool(pending)))
                for pipe in self._ready(min(left, TICK)):
                    if pipe is self._stdin:
                        pending = self._write(pending)
                    elif pipe is self._stdout:
                        self._read()
                    else:
                        self._read_errors()
        finally:
            self._forget(self._stdin)

    def unread(self) -> bytes:
        """What the child has written that nobody asked for, as far as it is there."""
        with suppress(Crash, Broken):  # the next exchange, or the end, tells
            for pipe in self._ready(0.0):
                if pipe is self._stdout:
                    self._read()
        return bytes(self._received)

    def finish(self, seconds: float) -> bytes:
        """Ends the dialogue as the protocol says, by the end of input; returns what the child still writes."""
        deadline = time.monotonic() + seconds
        self._close(self._stdin)
        try:
            while time.monotonic() < deadline:
                for pipe in self._ready(min(TICK, max(deadline - time.monotonic(), 0.0))):
                    if pipe is self._stdout:
                        self._read()
                    else:
                        self._read_errors()
        except (Crash, Broken):
            pass
        rest = bytes(self._received)
        self.kill()
        return rest

    def kill_group(self) -> None:
        """Kills the child and all it started; may be called from another thread than the one that asks."""
        with suppress(ProcessLookupError, PermissionError):  # all gone; macOS says so by EPERM
            os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """Kills the child and all it started, and lets go of its pipes."""
        self.kill_group()
        for pipe in (self._stdin, self._stdout, self._stderr):
            self._close(pipe)
        self._selector.close()
        with suppress(subprocess.TimeoutExpired):  # stuck in the kernel: nothing more can be done
            self._process.wait(5)

    def last_words(self) -> list[str]:
        """The last lines of its standard error."""
        with suppress(ValueError):  # the pipe is closed
            self._read_errors()
        lines = [*self._errors, self._error_rest] if self._error_rest else list(self._errors)
        return [excerpt(line) for line in lines[-STDERR_LINES:]]

    def _ready(self, seconds: float) -> list[object]:
        events = self._selector.select(seconds)
        if not events and seconds > 0 and self._process.poll() is not None:
            raise Crash(self._end())  # a grandchild may hold the pipes open
        return [key.fileobj for key, _ in events]

    def _next_line(self) -> bytes | None:
        """The next line that is not blank, None where it is not complete yet."""
        while (end := self._received.find(b"\n", self._scanned)) >= 0:
            line = bytes(self._received[:end])
            del self._received[: end + 1]
            self._scanned = 0
            if line.strip():
                return line
        self._scanned = len(self._received)
        return None

    def _write(self, pending: memoryview) -> memoryview:
        try:
            pending = pending[os.write(self._stdin.fileno(), pending[:CHUNK]) :]
        except BlockingIOError:
            return pending
        except BrokenPipeError:
            self._read_errors()
            if self._gone():
                raise Crash(self._end()) from None
            raise Broken("closed its standard input") from None
        if not pending:
            self._forget(self._stdin)
        return pending

    def _read(self) -> None:
        try:
            chunk = os.read(self._stdout.fileno(), CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            self._read_errors()
            if self._gone():
                raise Crash(self._end())
            raise Broken("closed its standard output" + self._half_line())
        self._received += chunk
        if len(self._received) > LONGEST_LINE:
            raise Broken(f"wrote more than {LONGEST_LINE >> 20} MB without being asked, or on one line")

    def _read_errors(self) -> None:
        try:
            chunk = os.read(self._stderr.fileno(), CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            self._forget(self._stderr)
            return
        *lines, self._error_rest = (self._error_rest + chunk).split(b"\n")
        self._errors.extend(line[:STDERR_LINE] for line in lines[-STDERR_LINES:])
        self._error_rest = self._error_rest[:STDERR_LINE]

    def _gone(self) -> bool:
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _end(self) -> str:
        """How the process ended, and the last of its words."""
        status = self._process.wait()
        how = f"exited with status {status}" if status >= 0 else f"was killed by {_signal_name(-status)}"
        words = [line for line in self.last_words() if line]
        return how + self._half_line() + (f": {words[-1]}" if words else "")

    def _half_line(self) -> str:
        return f" after half a line ({excerpt(bytes(self._received[:80]))})" if self._received else ""

    def _silence(self, seconds: float, unwritten: bool) -> str:
        why = ", it does not read its input" if unwritten else self._half_line()
        return f"no answer in {seconds:g} s{why}"

    def _close(self, pipe: IO[bytes]) -> None:
        self._forget(pipe)
        with suppress(OSError):
            pipe.close()

    def _forget(self, pipe: IO[bytes]) -> None:
        """No longer waits for `pipe`."""
        with suppress(KeyError, ValueError):  # not waited for, or closed
            self._selector.unregister(pipe)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _cannot_start(command: Sequence[str], error: Exception) -> str:
    program = command[0]
    if isinstance(error, FileNotFoundError):
        return f"cannot start {program}: no such program; check the path, a relative one starts from the current folder"
    if isinstance(error, PermissionError) and os.path.isdir(program):
        return f"cannot start {program}: a folder; name the program in it"
    if isinstance(error, PermissionError):
        return f"cannot start {program}: not executable; `chmod +x {program}`, or name its interpreter"
    if isinstance(error, OSError) and error.errno is not None and error.errno == 8:
        return f"cannot start {program}: no program this machine can run; a script needs its #! line"
    return f"cannot start {program}: {error}"
