"""The golden results of onnx-float and convolution, reached a second time from the ONNX texts alone.

Every tenth case in the ordinary run, all of them under the mark slow.
"""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1]))

from independent.judgement import disagreements
from independent.operators import OPERATORS
from independent.requests import cases

VECTORS = Path(__file__).parents[2] / "conformance" / "vectors"
SUITES = ("onnx-float", "convolution")
SAMPLE = 10


def differing(suite: str, op: str, every: int) -> list[str]:
    own = [entry for entry in cases(VECTORS / f"{suite}.json") if entry["op"] == op]
    return [str(d) for entry in own[::every] for d in disagreements(entry)]


def pairs() -> list[tuple[str, str]]:
    """Suite and operator of all cases."""
    found = {
        (suite, entry["op"]): None
        for suite in SUITES
        if (VECTORS / f"{suite}.json").exists()
        for entry in cases(VECTORS / f"{suite}.json")
    }
    return list(found)


@pytest.mark.parametrize(("suite", "op"), pairs())
def test_a_sample_of_the_golden_results(suite: str, op: str) -> None:
    assert differing(suite, op, SAMPLE) == []


@pytest.mark.slow
@pytest.mark.parametrize(("suite", "op"), pairs())
def test_all_golden_results(suite: str, op: str) -> None:
    assert differing(suite, op, 1) == []


def test_every_operator_of_the_suites_is_built_here() -> None:
    assert {op for _, op in pairs()} <= set(OPERATORS)
