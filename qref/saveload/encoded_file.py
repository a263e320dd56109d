"""Encoded tensors, and factors, as files of NumPy's format .npz: arrays, and a line of JSON that says what they are."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.hashed import Hash
from qref.compression.low_rank.factors import Factors
from qref.errors import BadModel
from qref.quantizers.granularity import Granularity
from qref.saveload.encoded_types import ENCODED

TYPES = {one.__name__: one for one in (Granularity, Factors, Hash, *ENCODED)}
Arrays = dict[str, NDArray[Any]]


def save(encoded: Any, path: Path) -> None:
    """Writes an encoded tensor, whole or not at all. Raises OSError where it cannot be written."""
    arrays: Arrays = {}
    what = json.dumps(_described(encoded, arrays))
    beside = path.with_name(f".{path.name}")
    with beside.open("wb") as file:
        np.savez(file, allow_pickle=False, what=np.array(what), **arrays)
    beside.replace(path)


def load(path: Path) -> Any:
    """The encoded tensor that a file holds.

    Raises:
        BadModel: there is no such file, or it holds something else.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _built(json.loads(str(arrays["what"])), arrays)
    except Exception as error:  # a broken archive fails in zipfile, NumPy or JSON, each with errors of its own
        raise BadModel(f"{path}: no encoded tensor: {error}") from None


def _described(value: Any, arrays: Arrays) -> Any:
    """The value as JSON; an array is named there, and put among the arrays."""
    if isinstance(value, np.ndarray):
        name = f"array{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if type(value).__name__ in TYPES:
        members = {one.name: _described(getattr(value, one.name), arrays) for one in fields(value)}
        return {"type": type(value).__name__, "fields": members}
    if isinstance(value, tuple):
        return {"tuple": [_described(one, arrays) for one in value]}
    return value


def _built(value: Any, arrays: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "tuple" in value:
        return tuple(_built(one, arrays) for one in value["tuple"])
    return TYPES[value["type"]](**{name: _built(one, arrays) for name, one in value["fields"].items()})
