"""The memory table: thirty cells beside the printed ones, in both of its forms."""

import json

import pytest
from typer.testing import CliRunner

from qref.cli.main import app
from qref.tables import TABLES, seed
from qref.tables.memory import memory
from qref.tables.table import Table


def test_thirty_cells_agree_with_the_printed_ones() -> None:
    table = memory()
    assert table.columns == ("algorithm", "layer", "mb", "seed_mb", "difference")
    assert [row[:2] for row in table.rows] == [
        (a, f"conv{i}") for a in ("Im2col", "MEC", "direct") for i in range(1, 11)
    ]
    assert all(abs(mb - printed) <= 0.01 for _, _, mb, printed, _ in table.rows)
    other = {(a, layer) for a, layer, mb, printed, _ in table.rows if round(mb, 2) != printed}
    assert other == {("Im2col", "conv3"), ("MEC", "conv9")}  # cut in the seed, not rounded
    assert all(int(100 * mb) / 100 == printed for a, layer, mb, printed, _ in table.rows if (a, layer) in other)
    assert all(difference == pytest.approx(mb - printed, abs=1e-6) for _, _, mb, printed, difference in table.rows)


def test_the_command_prints_json() -> None:
    done = CliRunner().invoke(app, ["table", "memory", "--json"])
    assert done.exit_code == 0
    printed = json.loads(done.stdout)
    assert list(printed) == ["name", "columns", "rows", "source"]
    assert printed["name"] == "memory" and len(printed["rows"]) == 30
    assert printed["rows"][0] == ["Im2col", "conv1", 6.31164, 6.31, 0.00164]
    assert "907-912" in printed["source"]


def test_the_command_prints_aligned_lines() -> None:
    lines = CliRunner().invoke(app, ["table", "memory"]).stdout.splitlines()
    assert lines[0].split() == ["algorithm", "layer", "mb", "seed_mb", "difference"]
    assert lines[3].split() == ["Im2col", "conv3", "5.5291", "5.52", "0.0091"]
    assert len({len(line) for line in lines[:31]}) == 1


def test_without_a_name_the_tables_are_listed() -> None:
    assert [line.split()[0] for line in CliRunner().invoke(app, ["table"]).stdout.splitlines()[1:]] == list(TABLES)
    listed = json.loads(CliRunner().invoke(app, ["table", "--json"]).stdout)
    assert [row[0] for row in listed["rows"]] == list(TABLES)


def test_the_seed_has_ten_layers_in_each_row() -> None:
    tables = (seed.MEMORY, seed.RUNTIME_DIRECT, seed.RUNTIME_SPARSE, seed.RUNTIME_INT8)
    assert all(len(row.values) == 10 for table in tables for row in table.values())
    assert (
        seed.RUNTIME_SPARSE[0.0].values == seed.RUNTIME_DIRECT["direct"].values == seed.RUNTIME_INT8["float32"].values
    )


def test_a_rounded_zero_has_no_sign_and_nothing_is_a_dash() -> None:
    table = Table("t", ("a", "b"), (("x", -0.001), ("y", None)), "here", {"b": 1})
    assert list(table.lines()) == ["a    b", "x  0.0", "y    –", "", "Source: here"]
