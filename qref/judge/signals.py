"""Signals that end a run: all as Ctrl-C does, so that no child is left behind."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = ("SIGTERM", "SIGHUP")  # kill's own, and a terminal that was closed


@contextmanager
def ends_like_ctrl_c() -> Iterator[None]:
    """Inside, the signals of ENDING raise KeyboardInterrupt; for the main thread."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
