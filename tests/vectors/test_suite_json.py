import copy
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import BadVectors
from qref.numerics.formats import FORMATS
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request
from qref.vectors import suite_json
from qref.vectors.case import Case, Expect, Suite, Wider
from qref.vectors.tensor_json import decode, encode


def test_reading_what_was_written_gives_the_same_bytes(folder: Path, tiny: Suite) -> None:
    path = folder / "vectors" / "tiny.json"
    again = suite_json.read(path)
    assert suite_json.dump(again) == path.read_bytes() == suite_json.dump(tiny)
    assert [case.id for case in again.cases] == [case.id for case in tiny.cases]
    assert len(again.sha256) == 64


def test_bytes_are_ascii_with_one_case_a_line(tiny: Suite) -> None:
    raw = suite_json.dump(tiny)
    assert raw.isascii()
    assert b"\r" not in raw
    assert raw.endswith(b"]}\n")
    lines = [line for line in raw.decode().splitlines() if line.startswith('  {"id"')]
    assert [json.loads(line.rstrip(","))["id"] for line in lines] == [case.id for case in tiny.cases]


def test_every_kind_of_expectation_survives(folder: Path, tiny: Suite, republish: Any) -> None:
    y = tiny.cases[0].outputs
    tolerance = (tensor(np.full(y[0].shape, 0.25), "float64"),)
    free = (tensor(np.ones(y[0].shape, np.bool_), "bool"),)
    expect = Expect("bound", tolerance=tolerance, wider=(Wider(tolerance, "why"),), unspecified=free, signed_zero=True)
    republish(replace(tiny, cases=(replace(tiny.cases[0], expect=expect),)))
    again = suite_json.load("tiny").cases[0].expect
    assert suite_json.expect_json(again) == suite_json.expect_json(expect)


def test_the_key_of_a_case_never_moves() -> None:
    inputs = (tensor([[1, 2]], "int8"), tensor([[3], [-4]], "int8"), None, tensor(np.int8(1), "int8"))
    request = Request("MatMulInteger", "", 10, {}, inputs)
    canonical = (
        '{"attributes":{},"domain":"","inputs":['
        '{"data":"AQI=","dtype":"int8","shape":[1,2]},{"data":"A/w=","dtype":"int8","shape":[2,1]},null,'
        '{"data":"AQ==","dtype":"int8","shape":[]}],"op":"MatMulInteger","opset":10}'
    )
    assert suite_json.case_key(request) == hashlib.sha256(canonical.encode()).hexdigest()[:8] == "a05209ce"


def conv(**attributes: Any) -> Request:
    x = tensor(np.arange(9).reshape(1, 1, 3, 3), "uint8")
    return Request("ConvInteger", "", 10, attributes, (x, tensor(np.ones((1, 1, 2, 2)), "uint8")))


def test_the_key_ignores_order_defaults_and_trailing_absent_inputs() -> None:
    key = suite_json.case_key(conv(strides=[2, 2], pads=[0, 1, 0, 1]))
    assert suite_json.case_key(conv(pads=(0, 1, 0, 1), strides=(2, 2), group=1, auto_pad="NOTSET")) == key
    with_absent = replace(conv(strides=[2, 2], pads=[0, 1, 0, 1]), inputs=(*conv().inputs, None, None))
    assert suite_json.case_key(with_absent) == key
    assert suite_json.case_key(conv(strides=[2, 1], pads=[0, 1, 0, 1])) != key


@pytest.mark.parametrize("value", [float("nan"), 2**60])
def test_attributes_without_a_canonical_form_are_refused(value: object) -> None:
    with pytest.raises(BadVectors, match="canonical form"):
        suite_json.case_key(Request("Op", "", 1, {"alpha": value}, ()))


@given(st.sampled_from(sorted(FORMATS)), st.lists(st.integers(0, 3), max_size=3), st.randoms(use_true_random=False))
def test_tensors_survive(dtype: str, shape: list[int], random: Any) -> None:
    storage = np.dtype(FORMATS[dtype].storage)
    bits = FORMATS[dtype].bits
    codes = [random.randrange(1 << bits) for _ in range(int(np.prod(shape)))]
    if dtype in ("int2", "int4"):
        codes = [code - (1 << bits - 1) for code in codes]
        data = np.array(codes, storage)
    else:
        data = np.array(codes, f"u{storage.itemsize}").view(storage)
    x = Tensor(dtype, data.reshape(shape))
    assert decode(encode(x)).same(x)


def broken(value: Any, place: list[Any], new: Any) -> Any:
    """A copy of a JSON value with one member replaced (or removed, for ...)."""
    value = copy.deepcopy(value)
    holder = value
    for step in place[:-1]:
        holder = holder[step]
    if new is ...:
        del holder[place[-1]]
    else:
        holder[place[-1]] = new
    return value


CASE = ["cases", 0]


@pytest.mark.parametrize(
    ("place", "new", "complaint"),
    [
        (["schema"], 2, "schema: must be same as const"),
        (["licence"], "MIT", "licence: "),
        (["surplus"], 1, "must not contain"),
        (["notes", "tie", "effect"], "", "notes.tie.effect: "),
        ([*CASE, "id"], "Requantize/ties", "id: must match pattern"),
        ([*CASE, "id"], 7, "case number 1: id: must be string"),
        ([*CASE, "opset"], 26, "opset: must be smaller"),
        ([*CASE, "outputs"], ..., "must contain ['outputs']"),
        ([*CASE, "inputs", 0, "dtype"], "int7", "inputs[0].dtype: must be one of"),
        ([*CASE, "inputs", 0, "data"], "AAAA", "inputs[0]: int32 of shape [3] takes 12 bytes, data holds 3"),
        ([*CASE, "inputs", 0, "data"], "*", "inputs[0].data: must match pattern"),
        ([*CASE, "inputs", 0, "shape"], [-3], "inputs[0].shape[0]: "),
        (
            [*CASE, "inputs", 0],
            {"dtype": "int32", "shape": [0, 10**30], "data": ""},
            "inputs[0]: no array has the shape",
        ),
        (
            [*CASE, "expect", "unspecified"],
            [{"dtype": "bool", "shape": [7], "data": "AAAAAAAAAA=="}],
            "masks have the shapes of the outputs",
        ),
        ([*CASE, "inputs", 1], None, None),
        ([*CASE, "inputs", 4], None, "trailing absent inputs"),
        ([*CASE, "expect", "kind"], "approximately", "expect.kind: must be one of"),
        ([*CASE, "expect", "match"], "whole", "expect"),
        ([*CASE, "expect"], {"kind": "any-of"}, "expect: must contain ['alternatives']"),
        ([*CASE, "expect"], {"kind": "open"}, ""),
        ([*CASE, "requirements"], [], "requirements: "),
        ([*CASE, "requirements"], ["RQ-1"], "requirements[0]: "),
        ([*CASE, "flags"], ["Tie"], "flags[0]: "),
        ([*CASE, "comment"], ..., "must contain ['comment']"),
        ([*CASE, "attributes"], {"alpha": None}, "attributes.alpha: "),
        ([*CASE, "profiles", "ncnn"], {"outside": "x", "outputs": []}, "profiles.ncnn"),
    ],
)
def test_a_malformed_file_names_file_case_and_member(
    folder: Path, place: list[Any], new: Any, complaint: str | None
) -> None:
    path = folder / "vectors" / "tiny.json"
    path.write_text(json.dumps(broken(json.loads(path.read_text()), place, new)))
    if complaint is None:
        suite_json.read(path)
        return
    with pytest.raises(BadVectors) as caught:
        suite_json.read(path)
    message = str(caught.value)
    assert message.startswith("tiny.json: ")
    assert complaint in message
    assert "\n" not in message
    assert len(message) < 400
    if place[0] == "cases" and place[-1] != "id":
        assert "case Requantize/ties/" in message


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"{", "not valid JSON"),
        (b'{"schema": 1, "schema": 1}', "'schema' stands twice"),
        (b'{"schema": NaN}', "NaN is no JSON number"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "must be object"),
        (b"", "not valid JSON"),
    ],
)
def test_what_is_no_suite_gives_one_line(folder: Path, raw: bytes, complaint: str) -> None:
    path = folder / "vectors" / "tiny.json"
    path.write_bytes(raw)
    with pytest.raises(BadVectors, match=complaint) as caught:
        suite_json.read(path)
    assert "\n" not in str(caught.value)


def test_an_id_stands_once(folder: Path, tiny: Suite, republish: Any) -> None:
    republish(replace(tiny, cases=(*tiny.cases, tiny.cases[0])))
    with pytest.raises(BadVectors, match="stands twice"):
        suite_json.load("tiny")
    renamed: Case = replace(tiny.cases[0], id=tiny.cases[0].id.replace("ties", "other"))
    republish(replace(tiny, cases=(*tiny.cases, renamed)))
    with pytest.raises(BadVectors, match="share a key"):
        suite_json.load("tiny")


def test_an_unknown_suite_lists_those_there_are(folder: Path) -> None:
    with pytest.raises(BadVectors, match="'onnx' does not exist; there are: tiny"):
        suite_json.load_all(["onnx"])


def test_a_changed_file_is_not_loaded(folder: Path) -> None:
    path = folder / "vectors" / "tiny.json"
    path.write_bytes(path.read_bytes().replace(b"made for", b"MADE FOR"))
    suite_json.read(path)
    with pytest.raises(BadVectors, match=r"vectors/tiny\.json has SHA-256 .*, manifest.json says"):
        suite_json.load("tiny")


def test_a_manifest_that_is_missing_or_malformed_gives_one_line(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"version": "1.0", "files": {"vectors/tiny.json": "12"}}')
    with pytest.raises(BadVectors, match=r"manifest.json: files.vectors/tiny.json: must match pattern"):
        suite_json.load("tiny")
    (folder / "manifest.json").unlink()
    with pytest.raises(BadVectors, match="cannot be read"):
        suite_json.load("tiny")
