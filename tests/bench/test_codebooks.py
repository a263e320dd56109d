"""`qref bench codebooks`: outputs are checked, and look-ups are to be faster than dense fully-connected layers."""

from dataclasses import replace

import pytest

from qref.bench import codebooks
from qref.bench.report import Report, Row
from qref.errors import UsageError


def row(layer: str, engine: str, algorithm: str, ms: float) -> Row:
    return Row(layer, "float32", engine, algorithm, ms, ms, 1.0, 0.1, 1e-6, True)


def test_look_ups_that_are_slower_on_a_fully_connected_layer_are_named() -> None:
    rows = [
        row("fc6", "onnxruntime", "dense", 2.0),
        row("fc6", "qref", "lookup", 1.0),
        row("fc7", "onnxruntime", "dense", 1.0),
        row("fc7", "qref", "lookup", 1.0),
        row("conv2", "onnxruntime", "dense", 1.0),
        row("conv2", "qref", "lookup", 3.0),
    ]
    report = Report("cpu", [], 1, 100.0, rows)
    assert codebooks.slower(report) == ["fc7"]
    table = list(codebooks.lines(replace(report, rows=rows[:2])))
    assert table[1] == ["fc6", "qref lookup", "1.000", "1.000", "2.00", "1.0e-06", ""]


@pytest.mark.slow
def test_a_run_checks_every_contender() -> None:
    pytest.importorskip("numba")
    pytest.importorskip("onnxruntime")
    rows = codebooks.measure_layer("fc8", 1, 1)
    assert [(one.engine, one.algorithm) for one in rows] == [
        ("onnxruntime", "dense"),
        ("qref", "dense"),
        ("qref", "lookup"),
        ("qref", "codebook-4-bit"),
        ("qref", "hashed"),
    ]
    assert all(one.checked for one in rows)


def test_an_unknown_layer_is_said() -> None:
    pytest.importorskip("numba")
    pytest.importorskip("onnxruntime")
    with pytest.raises(UsageError, match="layer fc9 is not one of fc6, fc7, fc8, conv2, conv3"):
        codebooks.measure(["fc9"])
