"""The journal of a run: each reply as it comes, so that a run killed in the middle goes on where it was.

A JSON line for the run's key (vectors' hashes, engine, version, command, profile and timeout), then one a reply. It
holds replies, not verdicts, so a resumed run gives what a run in one piece gives. A kill may leave half a last line.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from qref.engines import protocol
from qref.engines.protocol import Fault, Reply

Key = Mapping[str, Any]
Asked = tuple[int, int]  # a case's number, and which repetition


class Journal:
    """The journal of the run that `key` identifies, in `folder`.

    A folder that cannot be written has none, and of runs with the same key at the same time only the first has one.
    """

    def __init__(self, folder: Path, key: Key) -> None:
        self._key = json.dumps(key, sort_keys=True)
        name = "".join(c if c.isalnum() or c in "-_." else "-" for c in str(key["name"]))[:40]
        self.path = folder / f".qref-{name}-{hashlib.sha256(self._key.encode()).hexdigest()[:8]}.jsonl"
        self._file: TextIO | None = None

    def read(self) -> dict[Asked, Reply]:
        """The replies of the run before; empty where there was none."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except OSError:
            return {}
        if not lines or lines[0].decode("utf-8", "replace") != self._key:
            return {}
        replies: dict[Asked, Reply] = {}
        for line in lines[1:]:
            try:
                entry = protocol.read_object(line)
                replies[entry["id"], entry["repeat"]] = _reply(entry)
            except (Fault, KeyError, TypeError):
                continue
        return replies

    def open(self, replies: Mapping[Asked, Reply]) -> None:
        """Begins a journal, or goes on with the one that holds `replies`: what it holds is never written again."""
        try:
            file = self.path.open("a", encoding="utf-8")
        except OSError:
            return
        if not _lock(file):
            file.close()
            return
        self._file = file
        if not replies:
            file.truncate(0)
        self._write("" if replies else self._key)  # an empty line ends what a kill left of the last one

    def add(self, asked: Asked, reply: Reply) -> None:
        """Writes a reply."""
        number, repeat = asked
        self._write(json.dumps(protocol.answer_object(reply, number) | {"repeat": repeat}))

    def close(self, finished: bool) -> None:
        """Ends the journal, and removes it where the run is `finished`."""
        if self._file is None:
            return
        with suppress(OSError):
            self._file.close()
        self._file = None
        if finished:
            with suppress(OSError):
                self.path.unlink()

    def _write(self, line: str) -> None:
        if self._file is not None:
            with suppress(OSError):  # a full disk ends the journal, not the run
                self._file.write(line + "\n")
                self._file.flush()


def _lock(file: TextIO) -> bool:
    """Whether no other run holds this journal; a lock ends with the process that holds it."""
    try:
        import fcntl
    except ImportError:  # not on this platform
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _reply(entry: dict[str, Any]) -> Reply:
    for kind in ("crash", "timeout", "fault"):
        if kind in entry:
            return Reply(kind, words=entry[kind])
    return protocol.answer_of(entry, entry["id"])
