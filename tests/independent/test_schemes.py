"""The golden results of the suites quantizers, binary and codebooks, reached a second time from the papers alone."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1]))

from independent.judgement import outputs_differ
from independent.refusal import Refused
from independent.requests import cases, read_case
from independent.schemes import SCHEMES

VECTORS = Path(__file__).parents[2] / "conformance" / "vectors"
SUITES = ("quantizers", "binary", "codebooks")


def entries() -> dict[str, list[dict[str, Any]]]:
    """The cases of the suites by operator."""
    found: dict[str, list[dict[str, Any]]] = {}
    for suite in SUITES:
        for entry in cases(VECTORS / f"{suite}.json"):
            found.setdefault(entry["op"], []).append(entry)
    return found


def differing(entry: dict[str, Any]) -> list[str]:
    """In what a case differs from the second road's answer."""
    case = read_case(entry)
    try:
        own = SCHEMES[case.op](case.attributes, case.inputs)
    except Refused as refused:
        return [] if case.expect["kind"] == "error" else [f"{case.id}: refused: {refused}"]
    if case.expect["kind"] == "error":
        return [f"{case.id}: an error is expected, and there is an answer"]
    return [f"{case.id}: {what}" for what in outputs_differ(case, own)]


@pytest.mark.parametrize("op", sorted(entries()))
def test_the_second_road_gives_the_golden_results(op: str) -> None:
    assert [what for entry in entries()[op] for what in differing(entry)] == []


def test_every_scheme_of_the_suites_is_built_here() -> None:
    assert set(entries()) == set(SCHEMES)
