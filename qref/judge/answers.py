"""Judging without a dialogue: requests written to a file, answers read from one.

For simulators and boards that no pipe reaches. The engine's Hello stands in the file like every other answer.
"""

from collections.abc import Iterable
from pathlib import Path

from qref.engines import protocol
from qref.engines.protocol import Fault, Hello, Reply
from qref.errors import BadAnswers, EngineError
from qref.vectors.case import Case

LONGEST_FILE = 1 << 30


class Answers:
    """The answers of a file.

    `hello` is the engine's; `ignored` says of lines that are no answer which and why.

    Raises:
        BadAnswers: the file cannot be read, is too long, or holds no answer to Hello.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._replies: dict[int, list[Reply]] = {}
        self.ignored: list[str] = []
        hello: Hello | None = None
        for number, line in enumerate(_lines(path), 1):
            if not line.strip():
                continue
            try:
                if len(line) > protocol.LONGEST_LINE:
                    raise Fault(f"longer than {protocol.LONGEST_LINE >> 20} MB")
                answer = protocol.read_object(line)
                if hello is None and "protocol" in answer and answer.get("id") == 0:
                    hello = protocol.hello_of(answer)
                else:
                    self._take(answer)
            except (Fault, EngineError) as error:
                self.ignored.append(f"{path}, line {number}: {error}")
        if hello is None:
            raise BadAnswers(
                f"{path} holds no answer to Hello: its first line is to be"
                ' {"id": 0, "protocol": 1, "name": "…", "version": "…"}'
                + (f" ({self.ignored[0]})" if self.ignored else "")
            )
        self.hello: Hello = hello

    def reply(self, number: int) -> Reply:
        """The one answer to a request; a missing or a repeated answer is a fault."""
        replies = self._replies.get(number, [])
        if not replies:
            return Reply("fault", words=f"{self._path.name} has no answer: id {number} is missing")
        if len(replies) > 1:
            return Reply("fault", words=f"{self._path.name} answers more than once: id {number}, {len(replies)} times")
        return replies[0]

    def others(self, numbers: Iterable[int]) -> int:
        """How many answers belong to none of `numbers`."""
        wanted = set(numbers)
        return sum(len(replies) for number, replies in self._replies.items() if number not in wanted)

    def _take(self, answer: dict[str, object]) -> None:
        number = answer.get("id")
        if type(number) is not int:
            raise Fault("an answer without an id")
        try:
            reply = protocol.answer_of(answer, number)
        except Fault as error:
            reply = Reply("fault", words=str(error))
        self._replies.setdefault(number, []).append(reply)


def write_requests(path: Path, cases: Iterable[Case]) -> int:
    """Writes Hello and the cases' requests; returns how many requests.

    Raises:
        BadAnswers: the file cannot be written.
    """
    count = 0
    try:
        with path.open("wb") as file:
            file.write(protocol.hello_line())
            for case in cases:
                file.write(protocol.request_line(case.request, case.number))
                count += 1
    except OSError as error:
        raise BadAnswers(f"{path} cannot be written: {error.strerror}") from None
    return count


def _lines(path: Path) -> Iterable[bytes]:
    """The lines of a file, each cut off after LONGEST_LINE + 1 bytes."""
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise BadAnswers(f"{path} is longer than {LONGEST_FILE >> 30} GB: judge it in parts, by --suite or --op")
        with path.open("rb") as file:
            while line := file.readline(protocol.LONGEST_LINE + 1):
                yield line
                while len(line) > protocol.LONGEST_LINE and not line.endswith(b"\n"):
                    line = file.readline(protocol.LONGEST_LINE + 1)
    except OSError as error:
        raise BadAnswers(f"{path} cannot be read: {error.strerror}") from None
