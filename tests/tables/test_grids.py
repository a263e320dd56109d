"""The tables of grids and of codes: ours beside the printed numbers."""

import json

import pytest
from typer.testing import CliRunner

from qref.cli.main import app
from qref.tables.code_table import code_table
from qref.tables.grids import COLUMNS, grids
from qref.tables.table import Table


@pytest.fixture(scope="module")
def table() -> Table:
    return grids()


def of(table: Table, *, distribution: str, grid: str) -> dict[int, dict[str, object]]:
    rows = (dict(zip(COLUMNS, row)) for row in table.rows)
    return {row["levels"]: row for row in rows if (row["distribution"], row["grid"]) == (distribution, grid)}


def test_every_distribution_grid_and_width_has_one_row(table: Table) -> None:
    assert table.columns[:5] == ("distribution", "grid", "levels", "step", "mse")
    keys = [row[:3] for row in table.rows]
    assert len(set(keys)) == len(keys)
    for source in ("normal", "laplace"):
        assert {2**n - 1 for n in range(2, 9)} <= set(of(table, distribution=source, grid="signed"))
        assert {2**n for n in range(1, 9)} <= set(of(table, distribution=source, grid="mid-rise"))
        assert {2**n for n in range(1, 9)} <= set(of(table, distribution=source, grid="lloyd-max"))
    for source in ("half-normal", "half-wave"):
        assert {2**n for n in range(1, 9)} == set(of(table, distribution=source, grid="unsigned"))


def test_max_steps_are_right_to_the_last_digit_but_for_one(table: Table) -> None:
    rows = [row for kind in ("signed", "mid-rise") for row in of(table, distribution="normal", grid=kind).values()]
    printed = [row for row in rows if row["printed_step"] is not None]
    assert {row["levels"] for row in printed} == set(range(2, 37))
    assert [row["levels"] for row in printed if abs(row["step_off"]) > 0.5] == [26]  # 0.22405026
    assert all(abs(row["step_off"]) < 0.51 for row in printed)


@pytest.mark.parametrize(("kind", "first"), [("lloyd-max", 8), ("equally spaced", 6)])
def test_max_errors_are_too_small_by_a_few_units_of_the_sixth_decimal(table: Table, kind: str, first: int) -> None:
    kinds = ("lloyd-max",) if kind == "lloyd-max" else ("signed", "mid-rise")
    rows = {n: row for one in kinds for n, row in of(table, distribution="normal", grid=one).items()}
    printed = {n: row for n, row in rows.items() if row["printed_mse"] is not None}
    assert set(printed) == set(range(2, 37))
    assert min(n for n, row in printed.items() if abs(row["mse_off"]) > 0.5) == first
    for row in printed.values():
        places = len(row["printed_mse"]) - 2
        if places == 6:
            assert 3.6 <= row["mse_off"] <= 6.3
        else:
            assert -0.5 <= row["mse_off"] < 1


def test_hwgq_is_beside_the_optimum(table: Table) -> None:
    rows = of(table, distribution="half-wave", grid="hwgq")
    assert {n: row["printed_step"] for n, row in rows.items() if row["printed_step"]} == {
        2: "0.799",
        4: "0.538",
        8: "0.3217",
        16: "0.185",
    }
    assert rows[4]["step"] == pytest.approx(0.53881192339969)
    assert [round(rows[n]["step_off"], 1) for n in (2, 4, 8, 16)] == [-1.1, 0.8, 0.3, -0.8]
    unsigned = of(table, distribution="half-wave", grid="unsigned")[4]
    assert unsigned["step"] == of(table, distribution="half-normal", grid="unsigned")[4]["step"]
    assert unsigned["mse"] * 2 == pytest.approx(of(table, distribution="half-normal", grid="unsigned")[4]["mse"])


def test_the_command_prints_both_tables() -> None:
    done = CliRunner().invoke(app, ["table", "code-table", "--json"])
    assert done.exit_code == 0
    rows = json.loads(done.stdout)["rows"]
    assert rows[2] == [3, "8", "C_7", "7", "64"]
    assert rows[5][4] == str(2**62) and rows[6][4] is None
    assert rows[63] == [64, str(2**64), None, str(2**64 - 1), None]
    lines = CliRunner().invoke(app, ["table", "grids"]).stdout.splitlines()
    assert lines[1].split()[:5] == ["normal", "mid-rise", "2", "1.595769121606", "0.363380227632419"]


def test_the_codes_of_the_table_are_those_of_the_schemes() -> None:
    assert [row[0] for row in code_table().rows] == list(range(1, 65))
