"""The figure of a report: every contender that was right, a peer by its fastest run, the peak as a line."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from qref.bench.report import Report, Row
from qref.cli.main import app
from qref.conv.ten_layers import TEN_LAYERS

pytest.importorskip("numba")
pytest.importorskip("matplotlib")
from qref.bench import command
from qref.figures import paper
from qref.figures.bench_by_layer import FIGURE, contenders, draw, fastest


def report(*contenders: tuple[str, str, float]) -> Report:
    rows = [
        Row(layer, "float32", engine, algorithm, 1.0, 1.0, gops, 0.5, 0.0, True)
        for layer in TEN_LAYERS
        for engine, algorithm, gops in contenders
    ]
    return Report("a processor", [], 1, 90.0, rows)


BOTH = report(("qref", "direct", 80.0), ("ncnn", "Convolution", 70.0), ("ncnn", "other", 75.0))


def test_algorithms_come_in_the_same_order_whatever_is_on_the_first_layer() -> None:
    late = report(("ncnn", "x", 1.0), ("qref", "sparse-direct@50", 1.0), ("qref", "direct", 1.0))
    late.rows.append(replace(late.rows[-1], algorithm="winograd-2x2"))
    assert contenders(late) == ["direct", "winograd-2x2", "sparse-direct@50", "ncnn (peer)"]


def test_a_peer_is_drawn_by_its_fastest_run_that_was_right() -> None:
    assert contenders(BOTH) == ["direct", "ncnn (peer)"]
    assert fastest(BOTH)["ncnn (peer)", "conv3"] == 75.0
    wrong = replace(BOTH, rows=[replace(row, checked=row.gops < 72) for row in BOTH.rows])
    assert fastest(wrong) == {("ncnn (peer)", layer): 70.0 for layer in TEN_LAYERS}


def heights(axes: object) -> list[float]:
    return [bar.get_height() for bar in axes.patches]  # type: ignore[attr-defined]


def test_bars_are_as_high_as_the_report_says_and_the_peak_is_a_line() -> None:
    [axes] = draw(BOTH).axes
    assert heights(axes) == [80.0] * 10 + [75.0] * 10
    assert [list(line.get_ydata()) for line in axes.lines] == [[90.0, 90.0]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["direct", "ncnn (peer)", "peak"]


@pytest.mark.parametrize("count", [1, 12, 30])
def test_many_contenders_take_more_rows(count: int, tmp_path: Path) -> None:
    many = report(*[("qref" if i < 11 else f"peer{i}", f"a{i}", 10.0 + i) for i in range(count)])
    axes = draw(many).axes
    assert len(axes) == {1: 1, 12: 2, 30: 5}[count]
    assert sum(len(heights(one)) for one in axes) == 10 * count
    FIGURE.write(tmp_path / "f.svg", report=many)
    svg = (tmp_path / "f.svg").read_text(encoding="utf-8")
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    used = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", svg))
    assert used <= {tone for pair in paper.COLOURS.values() for tone in pair}


def test_the_commands_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    BOTH.write(path)
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    done = CliRunner().invoke(app, ["bench", "figure", str(path), "-o", str(first)])
    assert done.exit_code == 0, done.output
    monkeypatch.setattr(command, "measure", lambda *given, **options: BOTH)
    done = CliRunner().invoke(app, ["bench", "layers", "--figure", str(second)])
    assert done.exit_code == 0, done.output
    assert first.read_bytes() == second.read_bytes()


def test_a_file_of_another_kind_is_refused_before_anything_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    def timed(*given: object, **options: object) -> Report:
        raise AssertionError("timed")

    monkeypatch.setattr(command, "measure", timed)
    done = CliRunner().invoke(app, ["bench", "layers", "--figure", "f.pdf"])
    assert "a figure is written as .svg or .png" in str(done.exception)
