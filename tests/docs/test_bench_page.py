"""The page on the bench: it shows the reports that are recorded, and where none is, that there is none."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from qref.bench.report import Report, Row
from qref.conv.ten_layers import TEN_LAYERS
from tools import bench_page, docs_figures
from tools.bench_page import PAGE

FLOAT32 = Report(
    cpu="a processor",
    features=["AVX2", "FMA"],
    threads=1,
    peak_gops=118.04,
    rows=[
        Row(layer, "float32", engine, algorithm, ms, ms, 80.0, 0.7, error, True, kernel)
        for layer in TEN_LAYERS
        for engine, algorithm, ms, error, kernel in (
            ("qref", "direct", 1.0, 2e-6, "direct"),
            ("qref", "default", 0.5, 1e-6, "winograd-2x2"),
            ("mnn", "conv2d", 1.25, 4e-6, ""),
        )
    ],
    peak_instruction="fma, 256 bits",
    instructions="avx2",
    versions={"qref": "0.1.0", "mnn": "3.6.1"},
    date="2026-11-30T12:00:00+00:00",
    command="qref bench layers --algorithms direct,default --peer mnn",
)
INT8 = replace(
    FLOAT32,
    rows=[Row(layer, "int8", "qref", "int8-direct", 0.25, 0.25, 320.0, 0.7, 0.0, True) for layer in TEN_LAYERS],
    command="qref bench layers --dtype int8",
)


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bench_page, "REPORTS", tmp_path)
    return tmp_path


def test_the_page_shows_what_is_recorded() -> None:
    assert bench_page.pages() == {"bench.md": PAGE.read_text(encoding="utf-8")}, "python -m tools.docs_pages writes it"


def test_without_a_report_it_says_so(reports: Path) -> None:
    page = bench_page.pages()["bench.md"]
    assert page.count("Not recorded yet") == 4
    assert "figures/bench-" not in page


def test_a_report_is_shown_with_all_that_made_it(reports: Path) -> None:
    FLOAT32.write(reports / "bench-float32.json")
    INT8.write(reports / "bench-int8.json")
    page = bench_page.pages()["bench.md"]
    assert page.count("Not recorded yet") == 1
    assert f"\n`{FLOAT32.command} --json docs/reports/bench-float32.json`\n" in page
    assert "a processor (AVX2, FMA), 1 thread, kernels of the set `avx2`; qref 0.1.0, mnn 3.6.1; 2026-11-30." in page
    assert "The peak is 118.0 · 10⁹ operations a second, by fma, 256 bits." in page
    assert "`qref bench figure docs/reports/bench-int8.json -o bench-int8.svg`" in page
    assert "`qref bench goals docs/reports/bench-float32.json docs/reports/bench-int8.json`" in page
    lines = page.splitlines()
    assert f"`default` is winograd-2x2 on {', '.join(TEN_LAYERS)}." in lines
    assert f"| mnn conv2d | {' | '.join(['1.25'] * 10)} | 70 % |" in lines
    assert f"| default over it | {' | '.join(['2.50'] * 11)} |" in lines
    assert f"| error of default over its | {' | '.join(['0.25'] * 11)} |" in lines
    assert "| float32 default choice over the fastest peer, geometric mean |  | met | 2.50 | ≥ 1.50 |" in lines
    assert "| int8 direct over own float32 direct, least | conv2 | met | 4.00 | ≥ 3.00 |" in lines


def test_every_figure_of_the_page_is_drawn(reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(docs_figures, "FOLDER", tmp_path / "figures")
    monkeypatch.setattr(docs_figures, "FIGURES", {})
    monkeypatch.setattr(docs_figures, "measured", lambda: False)
    FLOAT32.write(reports / "bench-float32.json")
    shown = set(re.findall(r"\(figures/([\w-]+\.svg)\)", bench_page.pages()["bench.md"]))
    assert {path.name for path in docs_figures.write()} == shown == {"bench-float32.svg"}
    (reports / "bench-float32.json").unlink()
    assert docs_figures.write() == []
    assert not list((tmp_path / "figures").iterdir())
