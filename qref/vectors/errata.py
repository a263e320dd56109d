"""The promise that golden answers do not change silently.

conformance/published.json holds, for each case of the last published version, a digest of its answer under each rule.
A case that answers otherwise, or is gone, needs an entry in conformance/errata.json.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from qref.vectors import schema
from qref.vectors.case import Case, Outputs, Suite
from qref.vectors.suite_json import expect_json
from qref.vectors.tensor_json import encode

STANDARD = "standard"
AS_STANDARD = "="
Digests = dict[str, str]


def digests(case: Case) -> Digests:
    """A short digest of the case's answer by each rule; "=" where a profile's outputs are the case's own."""
    own = {"outputs": [encode(tensor) for tensor in case.outputs], "expect": expect_json(case.expect)}
    found = {STANDARD: digest(own)}
    for name, result in sorted((case.profiles or {}).items()):
        if result.outside is not None:
            found[name] = "outside"
        elif result.outputs is None:
            found[name] = AS_STANDARD
        else:
            found[name] = digest([encode(tensor) for tensor in result.outputs])
    return found


def digest(value: Any) -> str:
    """Eight hex digits of the SHA-256 of a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("ascii")).hexdigest()[:8]


def dump(suites: Sequence[Suite], version: str) -> bytes:
    """The bytes of published.json for these suites, one case a line."""
    lines = [
        f"{json.dumps(case.id)}: {json.dumps(digests(case))}"
        for case in sorted((case for suite in suites for case in suite.cases), key=lambda case: case.id)
    ]
    return ('{"version": ' + json.dumps(version) + ', "cases": {\n' + ",\n".join(lines) + "\n}}\n").encode("ascii")


def entry(
    old: Case, new: Case | None, date: str, version: str, reason: str, profile: str | None = None
) -> dict[str, Any]:
    """The erratum on a corrected case, or with `new` None on a withdrawn one; on one profile's outputs, or its own."""
    outputs = [None if case is None else _outputs(case, profile) for case in (old, new)]
    before, after = ([encode(tensor) for tensor in found] if found else None for found in outputs)
    what = {"id": old.id} | ({"profile": profile} if profile else {})
    return what | {"date": date, "version": version, "reason": reason, "old": before, "new": after}


def dump_entries(entries: Sequence[Mapping[str, Any]]) -> bytes:
    """The bytes of errata.json, one entry a line."""
    return ("[" + ",".join("\n " + json.dumps(entry) for entry in entries) + ("\n" if entries else "") + "]\n").encode()


def unexplained(suites: Sequence[Suite], folder: Path) -> Iterator[str]:
    """One line for each published answer that changed or went without an erratum, and each erratum that does not hold.

    folder: conformance/; without a published.json in it nothing was published yet.
    """
    errata = schema.load(folder / "errata.json", "errata-1")
    cases = {case.id: case for suite in suites for case in suite.cases}
    yield from _untrue(errata, cases)
    path = folder / "published.json"
    if not path.is_file():
        return
    corrected = {(entry["id"], entry.get("profile", STANDARD)) for entry in errata}
    for id, before in schema.load(path, "published-1")["cases"].items():
        if id not in cases:
            if (id, STANDARD) not in corrected:
                yield f"{id}: published, and gone without an erratum"
            continue
        now = digests(cases[id])
        for rule, old in before.items():
            if now.get(rule) != old and not {(id, rule), (id, STANDARD)} & corrected:
                yield f"{id}: its answer by {rule} changed without an erratum"


def _untrue(errata: Sequence[Mapping[str, Any]], cases: Mapping[str, Case]) -> Iterator[str]:
    """The last entry on a case and rule must say what the case holds now."""
    last = {(entry["id"], entry.get("profile")): entry for entry in errata}
    for (id, profile), entry in last.items():
        case = cases.get(id)
        outputs = None if case is None else _outputs(case, profile)
        now = None if outputs is None else [encode(tensor) for tensor in outputs]
        if now != entry["new"]:
            kept = "is withdrawn" if entry["new"] is None else "was corrected to other outputs"
            yield f"{id}: by errata.json it {kept}, which is not what the suites hold"


def _outputs(case: Case, profile: str | None) -> Outputs | None:
    result = (case.profiles or {}).get(profile) if profile else None
    if result is not None and result.outputs is not None:
        return result.outputs
    return case.outputs or None
