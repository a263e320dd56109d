"""Ratios and goals: what is compared with what, and what counts as met."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qref.bench import ratios
from qref.bench.goals import Goal, goals
from qref.bench.ratios import executed_shares, fastest_peer, geometric_mean, own, speedups
from qref.bench.report import Report, Row
from qref.cli.bench import speedups as seeds
from qref.cli.main import app
from qref.conv.ten_layers import TEN_LAYERS
from qref.errors import UsageError


def row(layer: str, engine: str, algorithm: str, ms: float, dtype: str = "float32", **others: object) -> Row:
    made = Row(layer, dtype, engine, algorithm, ms, ms, 1.0, 0.96, 1e-6, True)
    return replace(made, **others)


def report(*rows: Row) -> Report:
    return Report("a processor", [], 1, 100.0, list(rows))


def on_all(engine: str, algorithm: str, ms: float, dtype: str = "float32", **others: object) -> list[Row]:
    return [row(layer, engine, algorithm, ms, dtype, **others) for layer in TEN_LAYERS]


def everything_met() -> list[Report]:
    float32 = [
        *on_all("qref", "direct", 1.0, share_of_peak=1.1),
        *on_all("qref", "mec", 1.1),
        *on_all("qref", "im2col", 1.2),
        *on_all("qref", "default", 0.5),
        *on_all("onnxruntime", "Conv", 1.0),
        *on_all("openvino", "Convolution", 1.5),
        *[row(layer, "qref", label, 0.99 / of[layer]) for label, of in seeds().items() for layer in TEN_LAYERS],
    ]
    int8 = [
        *on_all("qref", "int8-direct", 0.3, "int8"),
        *on_all("qref", "int8-direct-to-uint8", 0.3, "int8"),
        *on_all("onnxruntime", "QLinearConv", 0.32, "int8"),
        *on_all("openvino", "Convolution", 0.36, "int8"),
    ]
    return [report(*float32), report(*int8), report(*on_all("qref", "xnor", 0.05, "binary"))]


def by_name(found: list[Goal]) -> dict[str, Goal]:
    return {goal.name: goal for goal in found}


def changed(reports: list[Report], layer: str, engine: str, algorithm: str, **others: object) -> list[Report]:
    """The reports with one row changed."""

    def maybe(one: Row) -> Row:
        return replace(one, **others) if (one.layer, one.engine, one.algorithm) == (layer, engine, algorithm) else one

    return [replace(one, rows=[maybe(each) for each in one.rows]) for one in reports]


def missed(reports: list[Report]) -> set[str]:
    return {goal.name for goal in goals(reports, seeds()) if goal.verdict == "missed"}


def test_all_goals_can_be_met() -> None:
    found = goals(everything_met(), seeds())
    assert {goal.verdict for goal in found} == {"met", "–"}
    assert len(found) == 16


@pytest.mark.parametrize(
    ("layer", "engine", "algorithm", "values", "names"),
    [
        ("conv3", "qref", "direct", {"share_of_peak": 0.9}, {"share of the FMA peak by executed MACs, least"}),
        ("conv3", "qref", "mec", {"ms": 0.9}, {"float32 direct over mec, least"}),
        ("conv3", "qref", "im2col", {"ms": 0.9}, {"float32 direct over im2col, least"}),
        (
            "conv3",
            "openvino",
            "Convolution",
            {"ms": 0.94},
            {"float32 direct over the fastest peer, least", "float32 direct over the fastest peer, geometric mean"},
        ),
        ("conv3", "qref", "default", {"max_error": 2e-6}, {"error over the fastest peer's, most"}),
        ("conv3", "qref", "default", {"ms": 500.0}, {"default choice over the fastest peer, geometric mean"}),
        (
            "conv3",
            "onnxruntime",
            "QLinearConv",
            {"ms": 0.1},
            {"sums or uint8, geometric mean", "that gives uint8, geometric mean"},
        ),
        ("conv3", "qref", "int8-direct", {"ms": 0.34}, {"int8 direct over own float32 direct, least"}),
        ("conv1", "qref", "int8-direct", {"ms": 0.34}, set()),
        ("conv3", "qref", "sparse-direct@75", {"ms": 0.9}, {"sparse direct at 75 %"}),
        ("conv3", "qref", "xnor", {"ms": 0.07}, {"xnor over own float32 direct, least"}),
        ("conv2", "qref", "xnor", {"ms": 0.07}, set()),
    ],
)
def test_one_row_misses_its_goals(layer: str, engine: str, algorithm: str, values: dict, names: set[str]) -> None:
    found = missed(changed(everything_met(), layer, engine, algorithm, **values))
    assert len(found) == len(names)
    for name in names:
        assert any(name in one for one in found), (name, found)


def test_a_missed_goal_names_the_layers() -> None:
    found = by_name(goals(changed(everything_met(), "conv3", "onnxruntime", "Conv", ms=0.5), seeds()))
    goal = found["float32 direct over the fastest peer, least"]
    assert (goal.figure, goal.verdict, goal.detail) == (0.5, "missed", "conv3 0.50")
    assert str(goal).split()[:4] == ["missed", "0.50", "≥", "0.95"]


def test_what_was_not_measured_is_said() -> None:
    found = goals([report(*on_all("qref", "direct", 1.0, share_of_peak=1.1))], seeds())
    assert {goal.verdict for goal in found} == {"not measured", "met"}
    assert found[0].figure is None
    some = by_name(goals([report(row("conv3", "qref", "direct", 1.0), row("conv3", "ncnn", "x", 1.0))], seeds()))
    goal = some["float32 direct over the fastest peer, least"]
    assert goal.verdict == "met"
    assert "without conv1, conv2, conv4" in goal.detail


def test_wrong_outputs_count_for_nothing() -> None:
    rows = [row("conv3", "qref", "direct", 1.0, checked=False), row("conv3", "ncnn", "x", 1.0, checked=False)]
    assert own(rows, "direct") == {}
    assert fastest_peer(rows, "float32") == {}


def test_a_peer_that_takes_winograd_is_left_out_of_the_second_comparison() -> None:
    reports = everything_met()
    reports[0].rows.extend(on_all("ncnn", "Convolution", 0.5))
    found = by_name(goals(reports, seeds()))
    assert found["float32 direct over the fastest peer, geometric mean"].figure == pytest.approx(0.5)
    [other] = [goal for name, goal in found.items() if "Winograd" in name]
    assert other.figure == pytest.approx(1.0)
    assert other.verdict == "–"


def test_int8_is_held_against_all_outputs_and_compared_with_the_same_kind() -> None:
    rows = [
        row("conv1", "qref", "int8-direct", 2.0, "int8"),
        row("conv1", "qref", "int8-direct-to-uint8", 1.5, "int8"),
        row("conv1", "onnxruntime", "ConvInteger", 4.0, "int8"),
        row("conv1", "onnxruntime", "QLinearConv", 6.0, "int8"),
        row("conv1", "openvino", "Convolution", 5.0, "int8"),
        row("conv1", "openvino", "Convolution-to-uint8", 3.0, "int8"),
        row("conv1", "torch", "quantized-x86", 0.01, "int8"),
        row("conv1", "onnxruntime", "Conv", 0.01),
    ]

    def figures(rows: list[Row]) -> list[tuple[float | None, float | None]]:
        found = goals([report(*rows)], seeds())
        return [(one.figure, one.bound) for one in found if "int8" in one.name and "float32" not in one.name]

    assert figures(rows) == [(1.5, 1.05), (2.0, None), (2.0, 1.05)]
    rows[4] = replace(rows[4], ms=1.0)
    assert figures(rows) == [(0.5, 1.05), (0.5, None), (2.0, 1.05)]


def test_the_default_choice_is_its_own_row_whatever_winograd_takes() -> None:
    rows = [
        row("conv1", "qref", "winograd-2x2", 0.1, max_error=9e-6),
        row("conv1", "qref", "default", 0.5, max_error=3e-6),
        row("conv1", "mnn", "conv2d", 1.0, max_error=2e-6),
        row("conv1", "ncnn", "Convolution", 1.1, max_error=1e-6),
    ]
    found = by_name(goals([report(*rows)], seeds()))
    assert found["float32 default choice over the fastest peer, geometric mean"].figure == 2.0
    error = found["float32 default choice, error over the fastest peer's, most"]
    assert (error.figure, error.verdict) == (pytest.approx(1.5), "missed")
    assert list(ratios.errors(rows, ["conv1"])) == [
        ["default, error · 10⁶", "3.00", "3.00"],
        ["fastest peer, error · 10⁶", "2.00", "2.00"],
        ["error of default over its", "1.50", "1.50"],
    ]


def test_the_fastest_peer_is_of_each_layer() -> None:
    rows = [
        row("conv1", "ncnn", "a", 2.0),
        row("conv1", "mnn", "b", 1.0),
        row("conv2", "ncnn", "a", 1.0),
        row("conv2", "mnn", "b", 2.0),
        row("conv2", "qref", "direct", 0.5),
        row("conv2", "mnn", "c", 0.1, "int8"),
    ]
    found = fastest_peer(rows, "float32")
    assert {layer: one.engine for layer, one in found.items()} == {"conv1": "mnn", "conv2": "ncnn"}
    assert fastest_peer(rows, "float32", only=[("ncnn", "a")])["conv1"].ms == 2.0
    assert fastest_peer(rows, "float32", without=[("mnn", "b")])["conv1"].ms == 2.0
    assert speedups(own(rows, "direct"), found) == {"conv2": 2.0}


def test_executed_multiply_adds_leave_out_the_padding() -> None:
    found = executed_shares({name: row(name, "qref", "direct", 1.0, share_of_peak=1.0) for name in TEN_LAYERS})
    assert found["conv1"] == 1.0  # no padding
    rows = sum(min(p + 1, 12) - max(p - 1, 0) + 1 for p in range(13)) / (13 * 3)
    assert found["conv3"] == pytest.approx(rows**2)
    assert geometric_mean([2.0, 8.0]) == pytest.approx(4.0)


def test_the_seeds_speedups() -> None:
    found = seeds()
    assert set(found) == {"sparse-direct@50", "sparse-direct@75", "sparse-direct@90"}
    assert [round(found[f"sparse-direct@{zeros}"]["conv2"], 2) for zeros in (50, 75, 90)] == [1.37, 2.13, 3.54]


def test_a_table_of_ratios() -> None:
    one = report(
        row("conv2", "qref", "direct", 1.0, share_of_peak=0.8),
        row("conv2", "qref", "sparse-direct@50", 0.5),
        row("conv2", "mnn", "conv2d", 2.0),
        row("conv3", "qref", "direct", 1.0, share_of_peak=0.8),
    )
    assert list(ratios.table(one, seeds())) == [
        ["fastest peer", "mnn", "–", ""],
        ["direct over it", "2.00", "–", "2.00"],
        ["sparse-direct@50 over it", "4.00", "–", "4.00"],
        ["sparse-direct@50 over direct", "2.00", "–", "2.00"],
        ["  the seed's", "1.37", "1.37", "1.37"],
        ["direct, of peak by MACs executed", "0.73", "0.72", "0.73"],
    ]
    assert list(ratios.table(report(), seeds())) == []


def test_the_command_reads_reports(tmp_path: Path) -> None:
    paths = []
    for i, one in enumerate(everything_met()):
        paths.append(str(tmp_path / f"{i}.json"))
        one.write(Path(paths[-1]))
        assert Report.read(Path(paths[-1])) == one
    done = CliRunner().invoke(app, ["bench", "goals", *paths])
    assert done.exit_code == 0, done.output
    found, _, errors = done.stdout.partition("\n\n")
    assert len(found.splitlines()) == 16
    _, *cells = (re.split(r"  +", line) for line in errors.splitlines())
    assert cells == [
        ["default, error · 10⁶", *["1.00"] * 11],
        ["fastest peer, error · 10⁶", *["1.00"] * 11],
        ["error of default over its", *["1.00"] * 11],
    ]
    changed(everything_met(), "conv3", "qref", "xnor", ms=1.0)[2].write(Path(paths[2]))
    done = CliRunner().invoke(app, ["bench", "goals", *paths])
    assert done.exit_code == 1
    assert done.stdout.partition("\n\n")[0].splitlines()[-1].startswith("missed")


def test_what_is_no_report(tmp_path: Path) -> None:
    path = tmp_path / "no.json"
    for content in ("", "[]", '{"rows": [{}]}', '{"rows": []}'):
        path.write_text(content)
        with pytest.raises(UsageError, match="is no report of qref bench layers"):
            Report.read(path)
    with pytest.raises(UsageError, match="is no report"):
        Report.read(tmp_path / "missing.json")
    other = replace(report(), cpu="another")
    with pytest.raises(UsageError, match="ratios are of one machine"):
        goals([report(), other], seeds())
