"""The runtime table: the seed's three tables beside a report of the bench."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qref.cli.main import app
from qref.errors import MissingExtra, UsageError
from qref.tables.runtime import COLUMNS, measure, runtime


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Two layers: direct 2 ms, im2col 5 ms, sparse 1 ms; a peer, and a row whose output was wrong."""
    rows = [
        {"layer": layer, "engine": engine, "algorithm": name, "ms": ms, "checked": checked}
        for layer in ("conv1", "conv2")
        for engine, name, ms, checked in (
            ("qref", "direct", 2.0, True),
            ("qref", "im2col", 5.0, True),
            ("qref", "sparse-direct@90", 1.0, True),
            ("qref", "int8-direct", 0.1, False),
            ("onnxruntime", "direct", 0.5, True),
        )
    ]
    path = tmp_path / "bench.json"
    path.write_text(json.dumps({"cpu": "a processor", "threads": 1, "peak_gops": 100.0, "rows": rows}))
    return path


def test_each_printed_cell_has_a_row_and_ratios_are_to_dense_direct(report: Path) -> None:
    table = runtime([report])
    assert table.columns == COLUMNS and len(table.rows) == 90  # 3 + 4 + 2 printed rows
    rows = {row[:3]: row[3:] for row in table.rows}
    assert rows["direct", "Im2col", "conv1"] == (30.1, 30.1 / 10.4, 5.0, 2.5)
    assert rows["sparse", "Sparse (direct) 90%", "conv2"] == (14.09, 14.09 / 49.9, 1.0, 0.5)
    assert rows["direct", "QEngine", "conv3"] == (17.3, 1.0, None, None)
    assert rows["int8", "Int8 (direct)", "conv1"][2:] == (None, None)  # its output was wrong
    assert "a processor, 1 thread" in table.source and "900-905" in table.source


def test_the_command_takes_a_report(report: Path) -> None:
    done = CliRunner().invoke(app, ["table", "runtime", "--measured", str(report)])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].split() == ["direct", "Im2col", "conv1", "30.10", "2.89", "5.000", "2.50"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rows": [{}], "cpu": "", "threads": 1}', '{"rows": 1}'])
def test_what_is_no_report_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"x\.json is no report"):
        runtime([path])


def test_without_numba_the_command_that_brings_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qref.engines.versions.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"numba is not installed: pip install 'qref-conformance\[fast\]'"):
        measure()


def test_other_tables_take_no_report(report: Path) -> None:
    with pytest.raises(UsageError, match="table memory takes no --measured"):
        CliRunner().invoke(app, ["table", "memory", "--measured", str(report)], catch_exceptions=False)


def test_reports_of_two_machines_are_not_mixed(report: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(report.read_text().replace("a processor", "another one"))
    with pytest.raises(UsageError, match=r"is of another one, 1 thread, .*bench\.json of a processor, 1 thread"):
        runtime([report, other])
    assert runtime([report, report]).rows == runtime([report]).rows
