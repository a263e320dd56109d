"""Cases as they stand in conformance/vectors/*.json: base64, little endian, C order."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from independent.tensors import INTEGERS, Tensor

FLOAT8 = ("float8e4m3fn", "float8e5m2", "float8e4m3fnuz", "float8e5m2fnuz", "float8e8m0")
BYTES = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8, "bool": 1, "float4e2m1": 1} | dict.fromkeys(FLOAT8, 1)


@dataclass(frozen=True, eq=False)
class Case:
    id: str
    op: str
    opset: int
    attributes: dict[str, Any]
    inputs: list[Tensor | None]
    outputs: list[Tensor] | None
    expect: dict[str, Any]
    flags: tuple[str, ...]
    domain: str = ""


def read_tensor(entry: dict[str, Any]) -> Tensor:
    dtype, shape = entry["dtype"], tuple(entry["shape"])
    raw = base64.b64decode(entry["data"], validate=True)
    _, bits = INTEGERS.get(dtype, (False, 0))
    size = BYTES[dtype] if dtype in BYTES else max(bits // 8, 1)
    if len(raw) != size * prod(shape):
        raise ValueError(f"{len(raw)} bytes for {dtype}{list(shape)}")
    codes = [int.from_bytes(raw[i : i + size], "little") for i in range(0, len(raw), size)]
    if bits in (2, 4):  # one byte an element, sign-extended: only the low bits are the number
        codes = [code & (2**bits - 1) for code in codes]
    return Tensor(dtype, shape, codes)


def read_case(entry: dict[str, Any]) -> Case:
    return Case(
        id=entry["id"],
        op=entry["op"],
        opset=entry["opset"],
        attributes=entry["attributes"],
        inputs=[None if i is None else read_tensor(i) for i in entry["inputs"]],
        outputs=[read_tensor(o) for o in entry["outputs"]] if "outputs" in entry else None,
        expect=entry["expect"],
        flags=tuple(entry.get("flags", ())),
        domain=entry["domain"],
    )


def cases(suite: Path) -> Iterator[dict[str, Any]]:
    """The entries of a suite, tensors not yet decoded."""
    yield from json.loads(suite.read_text(encoding="utf-8"))["cases"]
