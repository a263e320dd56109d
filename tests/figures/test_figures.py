"""Every figure is drawn: well-formed, the same bytes each time, in the palette, and it shows what it is about."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner

from qref.cli.main import app
from qref.conv.geometry import Geometry
from qref.conv.im2col import lower
from qref.errors import MissingExtra, UsageError
from qref.figures import FIGURES, paper
from qref.figures.roofline import intensity

SVG = "{http://www.w3.org/2000/svg}"
TEXT = re.compile(r"<!-- (.*?) -->")
COLOUR = re.compile(r"(?:fill|stroke): (#[0-9a-f]{6})")


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A bench report in which im2col takes twice the time of direct."""
    rows = [
        {"layer": f"conv{i}", "engine": "qref", "algorithm": name, "ms": ms, "checked": True}
        for i in range(1, 11)
        for name, ms in (("direct", 2.0), ("im2col", 4.0), ("mec", 3.0), ("int8-direct", 0.5))
    ]
    path = tmp_path / "bench.json"
    path.write_text(json.dumps({"cpu": "a processor", "threads": 1, "peak_gops": 117.6, "rows": rows}))
    return path


def drawn(name: str, folder: Path, **options: object) -> str:
    """The SVG of a figure."""
    path = folder / f"{name}.svg"
    FIGURES[name].write(path, **options)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def svgs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The SVG of each figure, drawn once."""
    return cache(lambda name: drawn(name, tmp_path_factory.mktemp("figures")))


def words(svg: str) -> Counter[str]:
    """Every text of a figure: letters are outlines, each with its text as a comment."""
    return Counter(TEXT.findall(svg))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_well_formed_and_in_both_palettes(name: str, svgs: Callable[[str], str]) -> None:
    svg = svgs(name)
    root = ElementTree.fromstring(svg)
    title, style = (root.find(f"{SVG}{tag}") for tag in ("title", "style"))
    assert root.tag == f"{SVG}svg" and title is not None and title.text == FIGURES[name].title
    assert not root.findall(f".//{SVG}text") and not root.findall(f".//{SVG}image")
    assert style is not None and style.text
    used = set(COLOUR.findall(svg.replace(style.text, "")))
    assert used <= {day for day, _ in paper.COLOURS.values()}
    for colour in used:
        assert f"fill: {colour}" in style.text and f"stroke: {colour}" in style.text
    assert "dc:date" not in svg and "Matplotlib v" not in svg


@pytest.mark.parametrize("name", ["transposed", "roofline"])
def test_a_figure_has_the_same_bytes_each_time(name: str, svgs: Callable[[str], str], tmp_path: Path) -> None:
    import matplotlib

    with matplotlib.rc_context({"font.size": 20, "svg.fonttype": "none", "axes.grid": True}):  # a user's own settings
        assert drawn(name, tmp_path) == svgs(name)


@pytest.mark.slow
def test_all_figures_have_the_same_bytes_in_another_process(svgs: Callable[[str], str], tmp_path: Path) -> None:
    code = "import sys, pathlib; from qref.figures import FIGURES\n"
    code += "for one in FIGURES.values(): one.write(pathlib.Path(sys.argv[1], one.name + '.svg'))"
    environment = os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=environment)
    for name in FIGURES:
        assert (tmp_path / f"{name}.svg").read_text(encoding="utf-8") == svgs(name), name


def test_every_text_can_be_read_on_every_page() -> None:
    grounds = [name for name in paper.COLOURS if name in ("paper", "cell") or "fill" in name or "copies" in name]
    for page in (0, 1):
        for ground in grounds:
            assert contrast(paper.COLOURS["ink"][page], paper.COLOURS[ground][page]) >= 4.5, (page, ground)
        for tone in ("muted", "blue", "orange", "green", "purple", "red"):
            assert contrast(paper.COLOURS[tone][page], paper.COLOURS["paper"][page]) >= 4.5, (page, tone)


def contrast(one: str, other: str) -> float:
    """The ratio of luminances by WCAG 2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def test_im2col_shows_the_numbers_that_it_makes(svgs: Callable[[str], str]) -> None:
    columns = np.empty((1, 3, 3, 3, 3), int)
    lower(np.arange(1, 26).reshape(1, 5, 5), Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0)), columns)
    wanted = Counter(columns.ravel().tolist()) + Counter(range(1, 26)) + Counter((1, 2, 3, 4, 6, 9))  # and the legend
    shown = words(svgs("im2col"))
    assert {number: shown[str(number)] for number in range(1, 26)} == wanted


def test_mec_shows_a_row_a_strip(svgs: Callable[[str], str]) -> None:
    shown = words(svgs("mec"))
    assert [shown[str(number)] for number in (6, 7, 8, 9, 10)] == [2, 3, 4, 3, 2]  # strips a pixel is in, and the image
    assert "$P_1$: image rows 1 to 3, in place" in shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("direct", "y[0,0] = 1·1 + 1·0 + 1·1 + 0·0 + 1·1 + 1·0 + 0·1 + 0·0 + 1·1 = 4"),
        ("winograd", "115/2"),
        ("fft", "|X · conj W|"),
        ("sparse-direct", "values 3 −2 5   places 1 9 14"),
        ("sparse-gemm", "y = 3·row 1 − 2·row 5 + 5·row 6"),
        ("int8", "Σ x = 9"),
        ("xnor", "n − 2·popcount = 12 − 2·5 = 2"),
        ("transposed", "The middle: 1·1 + 2·1 + 3·1 + 4·1 = 10"),
        ("backward", "∂loss/∂w; framed: 1·0 − 2·1 + 3·3 + 1·2 = 9"),
        ("blocked-direct", "0,1"),
        ("layouts", "NCHW2c"),
        ("sine-2bit", "sign and magnitude: 3 levels reached"),
        ("sine-3bit", "mid-rise: 8 levels reached"),
        ("normal-3bit", "8 levels, error 0.03455"),
        ("memory-by-layer", "conv10"),
        ("runtime-by-layer", "Sparse 90%"),
        ("roofline", "peak: 1000·10⁹ operations a second"),
    ],
)
def test_a_figure_shows(name: str, shown: str, svgs: Callable[[str], str]) -> None:
    assert shown in words(svgs(name))


def test_roofline_takes_a_device_or_a_measurement(report: Path, tmp_path: Path) -> None:
    given = words(drawn("roofline", tmp_path, peak=50.0, bandwidth=5.0))
    assert "peak: 50·10⁹ operations a second" in given and "memory: 5·10⁹ bytes a second" in given
    assert "peak: 117.6·10⁹ operations a second" in words(drawn("roofline", tmp_path, measured=[report]))
    with pytest.raises(UsageError, match=r"peak 0\.0, bandwidth 10\.0: both are above zero"):
        drawn("roofline", tmp_path, peak=0.0)


def test_lowering_moves_a_layer_away_from_the_peak() -> None:
    assert all(intensity("im2col", f"conv{i}") < intensity("direct", f"conv{i}") for i in range(1, 11))


def test_runtime_takes_a_measurement(report: Path, tmp_path: Path) -> None:
    shown = words(drawn("runtime-by-layer", tmp_path, measured=[report]))
    assert "time / time of dense direct" in shown and shown["the seed's board"] == 2


def test_the_command_writes_svg_and_png_and_lists(tmp_path: Path) -> None:
    for kind, beginning in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        path = tmp_path / f"f.{kind}"
        done = CliRunner().invoke(app, ["figure", "transposed", "-o", str(path)])
        assert done.exit_code == 0 and path.read_bytes().startswith(beginning)
    listed = CliRunner().invoke(app, ["figure"]).stdout.splitlines()
    assert [line.split()[0] for line in listed[1:]] == list(FIGURES)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["picture", "-o", "x.svg"], "there is no figure picture: direct, "),
        (["mec"], r"where to\? qref figure mec -o mec\.svg"),
        (["mec", "-o", "mec.jpg"], r"mec\.jpg: a figure is written as \.svg or \.png"),
        (["mec", "-o", "mec.svg", "--peak", "3"], "figure mec takes no --peak"),
    ],
)
def test_what_cannot_be_drawn_is_said(arguments: list[str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        CliRunner().invoke(app, ["figure", *arguments], catch_exceptions=False)


def test_without_matplotlib_the_command_that_brings_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("qref.engines.versions.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"matplotlib is not installed: pip install 'qref-conformance\[plots\]'"):
        drawn("mec", tmp_path)
