"""The golden results of onnx-float and convolution, reached a second time from the ONNX texts alone.

Every tenth case in the ordinary run, all of them under the mark slow.
"""

import base64
import copy
import random
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1]))

from independent.binary_formats import BINARIES
from independent.extended import NAN, is_finite, is_zero
from independent.judgement import DOT_PRODUCTS, disagreements
from independent.operators import OPERATORS
from independent.requests import cases, read_tensor

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
    assert {suite for suite, _ in pairs()} == set(SUITES)
    assert {op for _, op in pairs()} == set(OPERATORS)


def altered(entry: dict[str, Any], draw: random.Random) -> tuple[str, dict[str, Any]] | None:
    """The case with one thing wrong, and what it is; None where there is nothing to alter."""
    wrong = copy.deepcopy(entry)
    what = draw.choice(["element", "tolerance", "shape"])
    if entry["expect"]["kind"] == "error" or not all(o["data"] for o in entry["outputs"]):
        return None
    if what == "tolerance" and entry["expect"]["kind"] == "bound" and entry["op"] in DOT_PRODUCTS:
        (t,) = wrong["expect"]["tolerance"]
        numbers = list(struct.iter_unpack("<d", base64.b64decode(t["data"])))
        at = draw.randrange(len(numbers))
        numbers[at] = (numbers[at][0] * (1 + 1e-5),)
        t["data"] = base64.b64encode(b"".join(struct.pack("<d", n) for (n,) in numbers)).decode()
        if entry["outputs"][0]["dtype"] not in BINARIES or not is_finite(read_tensor(entry["outputs"][0]).values[at]):
            return None
        return what, wrong
    output = draw.choice(wrong["outputs"])
    if what == "shape":
        output["shape"] = [1, *output["shape"]]
        return what, wrong
    raw = bytearray(base64.b64decode(output["data"]))
    size = len(raw) // len(read_tensor(output))
    at = draw.randrange(len(raw) // size) * size
    value = read_tensor(output).values[at // size] if output["dtype"] in BINARIES else None
    if value is NAN or (value is not None and is_zero(value)):
        return None
    raw[at] ^= 1
    output["data"] = base64.b64encode(bytes(raw)).decode()
    return "element", wrong


def test_one_code_a_tolerance_or_a_shape_that_is_wrong_is_found() -> None:
    draw = random.Random(4)
    found = {"element": 0, "tolerance": 0, "shape": 0}
    for suite in SUITES:
        for entry in list(cases(VECTORS / f"{suite}.json"))[:: SAMPLE + 1]:
            wrong = altered(entry, draw)
            if wrong is not None:
                what, case = wrong
                assert disagreements(case), f"{entry['id']}: {what}"
                found[what] += 1
    assert min(found.values()) > 20
