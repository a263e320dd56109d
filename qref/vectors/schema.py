"""Strict JSON: parsing without duplicate members or NaN, and checks against the schemas of conformance/schema."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from qref.errors import BadVectors
from qref.vectors import data


def parse(raw: bytes, name: str) -> Any:
    """The value of a JSON text called `name` in errors.

    Raises:
        BadVectors: it is no UTF-8, no JSON, names a member twice, or holds NaN or Infinity.
    """
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_members, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise BadVectors(f"{name}: not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise BadVectors(f"{name}: nested too deeply") from None
    except ValueError as error:
        raise BadVectors(f"{name}: not valid JSON: {error}") from None


def load(path: Path, schema: str) -> Any:
    """The value of the JSON file `path`, valid under conformance/schema/<schema>.schema.json.

    Raises:
        BadVectors: it cannot be read or is not valid; the message names the file and the member.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadVectors(f"{path}: cannot be read: {error.strerror}") from None
    value = parse(raw, path.name)
    check(value, schema, path.name)
    return value


def check(value: Any, schema: str, name: str) -> None:
    """Checks a parsed value called `name` against a schema.

    Raises:
        BadVectors: a member breaks the schema; the message names it, and the case that holds it.
    """
    try:
        validator(schema)(value)
    except fastjsonschema.JsonSchemaValueException as error:
        place = where(value, error.path[1:])
        complaint = shorten(error.message.removeprefix(error.name or "").strip())
        raise BadVectors(f"{name}: {place}{complaint}") from None


@cache
def validator(schema: str) -> Callable[[Any], Any]:
    """The compiled check of conformance/schema/<schema>.schema.json."""
    path = data.conformance() / "schema" / f"{schema}.schema.json"
    try:
        definition = json.loads(path.read_bytes())
        compiled: Callable[[Any], Any] = fastjsonschema.compile(definition)
    except (OSError, ValueError, fastjsonschema.JsonSchemaDefinitionException) as error:
        raise BadVectors(f"{path}: no usable schema: {error}") from None
    return compiled


def where(value: Any, path: list[Any]) -> str:
    """A member's place as people say it: the case by its id, then the way down, "inputs[0].dtype"."""
    place = ""
    if len(path) > 1 and path[0] == "cases":
        position = int(path[1])
        case = value["cases"][position]
        identity = case.get("id") if isinstance(case, dict) else None
        place = f"case {identity}: " if isinstance(identity, str) else f"case number {position + 1}: "
        path = path[2:]
    steps = "".join(f"[{step}]" if str(step).isdigit() else f".{step}" for step in path).removeprefix(".")
    return place + (f"{steps}: " if steps else "")


def shorten(message: str, longest: int = 300) -> str:
    """One line of at most `longest` characters."""
    line = re.sub(r"\s+", " ", message)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the member {twice!r} stands twice")
    return members


def _constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")
