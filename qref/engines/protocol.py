"""The engine protocol, version 1: what a line to an engine and a line from it mean.

JSON Lines, one request a line on the engine's standard input, one answer a line on its standard output. This module
turns requests into lines and lines into replies; it starts nothing and waits for nothing (see child.py, session.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from qref.errors import BadTensor, EngineError
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.vectors import tensor_json

VERSION = 1
HELLO_SECONDS = 60.0
LONGEST_LINE = 4 << 20  # bytes; a case is a small tensor, so a longer answer is an engine out of control
WORDS = 500  # characters kept of an engine's own words
NAME = 80  # of its name, its version and its profile


@dataclass(frozen=True)
class Hello:
    """How an engine presents itself. `profile` is the requantization profile it says it follows."""

    name: str
    version: str
    profile: str | None = None


@dataclass(frozen=True, eq=False)
class Reply:
    """What became of one request.

    `kind` is "outputs", "unsupported" or "error" where the engine answered, "crash", "timeout" or "fault" where it did
    not or broke the protocol; `words` are the engine's own, or what went wrong.
    """

    kind: str
    outputs: tuple[Tensor, ...] = ()
    words: str = ""


class Fault(Exception):
    """An answer breaks the protocol; the message says how."""


class WrongId(Fault):
    """An answer bears another request's id; `found` is that id."""

    def __init__(self, found: int, wanted: int) -> None:
        super().__init__(f"answered id {found}, asked was {wanted}")
        self.found = found


def hello_line() -> bytes:
    """The first line of every dialogue."""
    return to_line({"id": 0, "op": "Hello", "domain": "qref", "protocol": VERSION})


def request_line(request: Request, number: int) -> bytes:
    """The line that asks for `request` under the id `number`."""
    object: dict[str, Any] = {
        "id": number,
        "op": request.op,
        "domain": request.domain,
        "opset": request.opset,
        "attributes": dict(request.attributes),
        "inputs": [None if x is None else tensor_json.encode(x) for x in request.inputs],
        "outputs": request.outputs,
    }
    if request.profile is not None:
        object["profile"] = request.profile
    return to_line(object)


def to_line(object: Mapping[str, Any]) -> bytes:
    """One line of JSON, its line feed included."""
    return json.dumps(object, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def read_object(line: bytes) -> dict[str, Any]:
    """The JSON object on a line.

    Raises:
        Fault: the line is no UTF-8, no JSON, or no object; NaN and Infinity are no JSON.
    """
    try:
        object = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Fault(f"not UTF-8: {excerpt(line)}") from None
    except RecursionError:
        raise Fault(f"JSON nested too deeply: {excerpt(line)}") from None
    except ValueError as error:  # JSONDecodeError, and integers of thousands of digits
        raise Fault(f"no JSON ({error}): {excerpt(line)}") from None
    if not isinstance(object, dict):
        raise Fault(f"no JSON object: {excerpt(line)}")
    return object


def request_of(object: Mapping[str, Any]) -> Request:
    """The request an engine reads from a line: the other direction of request_line.

    Raises:
        Fault: a member is missing or of the wrong type. BadTensor: an input cannot be decoded.
    """
    try:
        inputs = tuple(None if x is None else tensor_json.decode(x) for x in object["inputs"])
        return Request(
            op=object["op"],
            domain=object.get("domain", ""),
            opset=object["opset"],
            attributes=object.get("attributes", {}),
            inputs=inputs,
            outputs=object.get("outputs", 1),
            profile=object.get("profile"),
        )
    except KeyError as error:
        raise Fault(f"the request lacks {error}") from None
    except TypeError as error:
        raise Fault(f"a member of the request has the wrong type: {error}") from None


def answer_of(object: Mapping[str, Any], number: int) -> Reply:
    """The reply that an answer to request `number` holds.

    Raises:
        WrongId: it answers another request.
        Fault: it holds none or several of outputs, unsupported and error, or a tensor that cannot be decoded.
    """
    found = object.get("id")
    if type(found) is not int:
        raise Fault(f"id is {excerpt(repr(found))}, not an integer" if "id" in object else "the answer has no id")
    if found != number:
        raise WrongId(found, number)
    kinds = [kind for kind in ("outputs", "unsupported", "error") if kind in object]
    if len(kinds) != 1:
        given = " and ".join(kinds) or "none of them"
        raise Fault(f"an answer holds one of outputs, unsupported and error, this one {given}")
    kind, value = kinds[0], object[kinds[0]]
    if kind != "outputs":
        return Reply(kind, words=excerpt(value if isinstance(value, str) else repr(value)))
    if not isinstance(value, list):
        raise Fault(f"outputs is {type(value).__name__}, not a list")
    return Reply(kind, outputs=tuple(_output(k, x) for k, x in enumerate(value)))


def answer_object(reply: Reply, number: int) -> dict[str, Any]:
    """The answer that holds `reply`, an engine's side of answer_of."""
    if reply.kind == "outputs":
        return {"id": number, "outputs": [tensor_json.encode(x) for x in reply.outputs]}
    return {"id": number, reply.kind: reply.words}


def hello_of(object: Mapping[str, Any]) -> Hello:
    """The answer to Hello.

    Raises:
        EngineError: the engine refuses, speaks another version, or does not name itself.
    """
    for kind in ("error", "unsupported"):
        if kind in object:
            raise EngineError(f"cannot run: {excerpt(str(object[kind]))}")
    if object.get("id") != 0 or type(object.get("id")) is not int:
        raise EngineError(f"answers Hello with id {excerpt(repr(object.get('id')))}: Hello's id is 0")
    if object.get("protocol") is True or object.get("protocol") != VERSION:
        raise EngineError(f"speaks protocol {excerpt(repr(object.get('protocol')))}: this qref speaks {VERSION}")
    name, version, profile = object.get("name"), object.get("version"), object.get("profile")
    if not isinstance(name, str) or not name.strip():
        raise EngineError('does not say its name: answer Hello with {"id": 0, "protocol": 1, "name": …, "version": …}')
    if not isinstance(version, str):
        raise EngineError(f"gives its version as {excerpt(repr(version))}: a string is wanted")
    if profile is not None and not isinstance(profile, str):
        raise EngineError(f"gives its profile as {excerpt(repr(profile))}: a profile's name is wanted")
    return Hello(excerpt(name, NAME), excerpt(version, NAME), profile and excerpt(profile, NAME))


def excerpt(words: str | bytes, longest: int = WORDS) -> str:
    """An engine's words on one line, in printable characters, at most `longest` of them."""
    cut = words[: longest + 1]
    text = cut.decode("utf-8", "backslashreplace") if isinstance(cut, bytes) else cut
    text = printable(" ".join(text.split()))
    return text if len(text) <= longest else text[:longest] + "…"


def printable(text: str) -> str:
    """`text` without control characters and lone surrogates, which terminals and files choke on."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _output(k: int, object: Any) -> Tensor:
    try:
        return tensor_json.decode(object)
    except BadTensor as error:
        raise Fault(f"output {k}: {excerpt(str(error))}") from None
    except (ValueError, OverflowError, MemoryError) as error:
        raise Fault(f"output {k} cannot be decoded: {excerpt(str(error))}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
