"""The engine's side of the protocol, for the adapters: read a request, run it, write the answer."""

import json
import os
import sys
from collections.abc import Callable, Sequence

from qref.engines import protocol
from qref.engines.protocol import Fault, Hello, Reply
from qref.errors import QrefError, Unsupported
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

Run = Callable[[Request], Sequence[Tensor]]


def serve(hello: Callable[[], Hello], run: Run) -> None:
    """Answers the requests on standard input until it ends.

    Whatever a library prints on standard output goes to standard error, so that it cannot break the protocol.

    Args:
        hello: presents the engine; raises QrefError where it cannot run, whose message then answers Hello.
        run: computes a request; raises Unsupported, or another QrefError for any other rejection.
    """
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        if line.strip():
            answer = _answer(line, hello, run)
            answers.write(json.dumps(answer, separators=(",", ":")).encode("ascii") + b"\n")


def _answer(line: bytes, hello: Callable[[], Hello], run: Run) -> dict[str, object]:
    number = -1
    try:
        asked = protocol.read_object(line)
        number = asked["id"] if type(asked.get("id")) is int else -1
        if asked.get("domain") == "qref" and asked.get("op") == "Hello":
            return _present(hello)
        request = protocol.request_of(asked)
        return protocol.answer_object(Reply("outputs", tuple(run(request))), number)
    except Unsupported as error:
        return protocol.answer_object(Reply("unsupported", words=str(error)), number)
    except (QrefError, Fault) as error:
        return protocol.answer_object(Reply("error", words=str(error)), number)


def _present(hello: Callable[[], Hello]) -> dict[str, object]:
    try:
        me = hello()
    except QrefError as error:
        return {"id": 0, "error": str(error)}
    answer: dict[str, object] = {"id": 0, "protocol": protocol.VERSION, "name": me.name, "version": me.version}
    return answer if me.profile is None else answer | {"profile": me.profile}
