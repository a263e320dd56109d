"""Suites as JSON: reading, writing and the key of a case (contract: vectors).

Writing is deterministic: members in the contract's order, one case a line, ASCII, "\\n". The same suite gives the same
bytes on every machine.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import rfc8785

from qref.errors import BadTensor, BadVectors
from qref.numerics.tensor import Tensor
from qref.ops import OPERATORS
from qref.ops.request import Request
from qref.vectors import data, manifest, schema
from qref.vectors.case import Alternative, Case, Expect, Note, Outputs, ProfileResult, Suite, Wider
from qref.vectors.tensor_json import decode, encode

SCHEMA = "vectors-1"
LICENCE = "CC0-1.0"


def load(name: str) -> Suite:
    """The published suite called `name`.

    Raises:
        BadVectors: there is none, it is not what the manifest says, or it is malformed.
    """
    return load_all([name])[0]


def load_all(names: Sequence[str] | None = None) -> list[Suite]:
    """The published suites called `names` in that order, every suite by default.

    Raises:
        BadVectors: one does not exist, is not what the manifest says, or is malformed; an id stands in two of them.
    """
    folder = data.conformance() / "vectors"
    there = sorted(path.stem for path in folder.glob("*.json"))
    wanted = there if names is None else list(names)
    for name in wanted:
        if name not in there:
            raise BadVectors(f"suite {name!r} does not exist; there are: {', '.join(there) or 'none'}")
    manifest.check(data.conformance(), [f"vectors/{name}.json" for name in wanted])
    suites = [read(folder / f"{name}.json") for name in wanted]
    unique((case for suite in suites for case in suite.cases), "the suites")
    return suites


def read(path: Path) -> Suite:
    """The suite in the file `path`.

    Raises:
        BadVectors: the file is malformed; the message names file, case and member.
    """
    value = schema.load(path, SCHEMA)
    cases = tuple(_read_case(member, value["suite"], path.name) for member in value["cases"])
    unique(cases, path.name)
    notes = {
        flag: Note(note["effect"], tuple(note["mistakes"]), tuple(note["links"]))
        for flag, note in value["notes"].items()
    }
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Suite(value["suite"], value["version"], notes, cases, sha256)


def dump(suite: Suite) -> bytes:
    """The file's bytes."""
    head = {"schema": 1, "suite": suite.name, "version": suite.version, "licence": LICENCE}
    notes = {
        flag: {"effect": note.effect, "mistakes": list(note.mistakes), "links": list(note.links)}
        for flag, note in sorted(suite.notes.items())
    }
    text = _json(head)[:-1] + ',\n "notes": ' + _lines("{}", [f"{_json(k)}: {_json(v)}" for k, v in notes.items()])
    text += ',\n "cases": ' + _lines("[]", [_json(case_json(case)) for case in suite.cases]) + "}\n"
    return text.encode("ascii")


def case_json(case: Case) -> dict[str, Any]:
    """The JSON object of a case."""
    members = {"id": case.id, **request_json(case.request)}
    if case.outputs:
        members["outputs"] = [encode(tensor) for tensor in case.outputs]
    members["expect"] = expect_json(case.expect)
    if case.accumulator is not None:
        members["accumulator"] = encode(case.accumulator)
    if case.profiles is not None:
        members["profiles"] = {name: _profile_json(result) for name, result in sorted(case.profiles.items())}
    if case.margin is not None:
        members["margin"] = case.margin
    members["requirements"] = list(case.requirements)
    members["flags"] = list(case.flags)
    members["comment"] = case.comment
    return members


def request_json(request: Request) -> dict[str, Any]:
    """What is asked, as the file holds it: without attributes equal to their default and trailing absent inputs."""
    inputs = list(request.inputs)
    while inputs and inputs[-1] is None:
        inputs.pop()
    return {
        "op": request.op,
        "domain": request.domain,
        "opset": request.opset,
        "attributes": attributes_without_defaults(request),
        "inputs": [None if tensor is None else encode(tensor) for tensor in inputs],
    }


def attributes_without_defaults(request: Request) -> dict[str, Any]:
    """The attributes that differ from the operator's defaults, sorted by name."""
    operator = OPERATORS.get((request.domain, request.op))
    known = operator.attributes if operator else {}
    plain = {name: _plain(value) for name, value in sorted(request.attributes.items())}
    return {
        name: value
        for name, value in plain.items()
        if name not in known or _plain(known[name].default_at(request.opset)) != value
    }


def case_key(request: Request) -> str:
    """Eight hex digits of the SHA-256 of what is asked, serialized by RFC 8785.

    Raises:
        BadVectors: an attribute has no RFC 8785 form (NaN, an integer beyond 2^53).
    """
    try:
        canonical = rfc8785.dumps(request_json(request))
    except rfc8785.CanonicalizationError as error:
        raise BadVectors(f"{request.op}: the attributes have no canonical form: {error}") from None
    return hashlib.sha256(canonical).hexdigest()[:8]


def expect_json(expect: Expect) -> dict[str, Any]:
    """The JSON object of what an answer is held against."""
    members: dict[str, Any] = {"kind": expect.kind}
    if expect.alternatives:
        members["alternatives"] = [
            {"outputs": [encode(tensor) for tensor in way.outputs], "reason": way.reason} for way in expect.alternatives
        ]
    if expect.match != "element":
        members["match"] = expect.match
    if expect.tolerance:
        members["tolerance"] = [encode(tensor) for tensor in expect.tolerance]
    if expect.wider:
        members["wider"] = [
            {"tolerance": [encode(tensor) for tensor in way.tolerance], "reason": way.reason} for way in expect.wider
        ]
    if expect.unspecified:
        members["unspecified"] = [encode(tensor) for tensor in expect.unspecified]
    if expect.signed_zero:
        members["signed_zero"] = True
    return members


def _profile_json(result: ProfileResult) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if result.outside is not None:
        members["outside"] = result.outside
    if result.derived is not None:
        members["derived"] = {name: _plain(value) for name, value in result.derived.items()}
    if result.outputs is not None:
        members["outputs"] = [encode(tensor) for tensor in result.outputs]
    return members


def _read_case(member: Mapping[str, Any], suite: str, file: str) -> Case:
    place = f"{file}: case {member['id']}"
    outputs = _tensors(member.get("outputs", []), f"{place}: outputs")
    inputs = tuple(
        None if tensor is None else _tensor(tensor, f"{place}: inputs[{i}]")
        for i, tensor in enumerate(member["inputs"])
    )
    if inputs and inputs[-1] is None:
        raise BadVectors(f"{place}: inputs: trailing absent inputs are left out, not null")
    request = Request(
        member["op"], member["domain"], member["opset"], member["attributes"], inputs, wanted(member, len(outputs))
    )
    expect = _read_expect(member["expect"], f"{place}: expect")
    beside = [way.outputs for way in expect.alternatives] + [way.tolerance for way in expect.wider]
    for tensors in (*beside, expect.tolerance, expect.unspecified):
        if tensors and [one.shape for one in tensors] != [one.shape for one in outputs]:
            raise BadVectors(f"{place}: expect: alternatives, tolerances and masks have the shapes of the outputs")
    accumulator = member.get("accumulator")
    profiles = member.get("profiles")
    return Case(
        id=member["id"],
        suite=suite,
        request=request,
        outputs=outputs,
        expect=expect,
        requirements=tuple(member["requirements"]),
        flags=tuple(member["flags"]),
        comment=member["comment"],
        accumulator=None if accumulator is None else _tensor(accumulator, f"{place}: accumulator"),
        profiles=None
        if profiles is None
        else {name: _read_profile(result, f"{place}: profiles.{name}") for name, result in profiles.items()},
        margin=member.get("margin"),
    )


def wanted(member: Mapping[str, Any], given: int) -> int:
    """How many outputs a request wants: the case's, or for a case without outputs all that the operator has."""
    operator = OPERATORS.get((member["domain"], member["op"]))
    return given or (operator.outputs if operator else 1)


def _read_expect(member: Mapping[str, Any], place: str) -> Expect:
    return Expect(
        kind=member["kind"],
        alternatives=tuple(
            Alternative(_tensors(way["outputs"], f"{place}.alternatives[{i}]"), way["reason"])
            for i, way in enumerate(member.get("alternatives", []))
        ),
        match=member.get("match", "element"),
        tolerance=_tensors(member.get("tolerance", []), f"{place}.tolerance"),
        wider=tuple(
            Wider(_tensors(way["tolerance"], f"{place}.wider[{i}]"), way["reason"])
            for i, way in enumerate(member.get("wider", []))
        ),
        unspecified=_tensors(member.get("unspecified", []), f"{place}.unspecified"),
        signed_zero=member.get("signed_zero", False),
    )


def _read_profile(member: Mapping[str, Any], place: str) -> ProfileResult:
    outputs = member.get("outputs")
    return ProfileResult(
        derived=member.get("derived"),
        outputs=None if outputs is None else _tensors(outputs, f"{place}.outputs"),
        outside=member.get("outside"),
    )


def _tensors(members: Sequence[Any], place: str) -> Outputs:
    return tuple(_tensor(member, f"{place}[{i}]") for i, member in enumerate(members))


def _tensor(member: Any, place: str) -> Tensor:
    try:
        return decode(member)
    except BadTensor as error:
        raise BadVectors(f"{place}: {error}") from None


def unique(cases: Iterable[Case], place: str) -> None:
    """Raises BadVectors where two cases share an id or a key."""
    seen: dict[str, str] = {}
    for case in cases:
        if case.key in seen:
            other = seen[case.key]
            problem = f"id {case.id} stands twice" if other == case.id else f"{other} and {case.id} share a key"
            raise BadVectors(f"{place}: {problem}")
        seen[case.key] = case.id


def _plain(value: Any) -> Any:
    """An attribute's value in JSON's own types."""
    if isinstance(value, list | tuple):
        return [_plain(element) for element in value]
    return value.item() if hasattr(value, "item") else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def _lines(brackets: str, lines: list[str]) -> str:
    return brackets[0] + ("\n  " + ",\n  ".join(lines) + "\n " if lines else "") + brackets[1]
