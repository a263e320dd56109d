"""Which kernel runs a layer: the table, the tuner, and what it keeps."""

from pathlib import Path

import pytest

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.conv.ten_layers import TEN_LAYERS

pytest.importorskip("numba")
from qref.kernels.conv import choice, tuner

SMALL = Shapes((1, 16, 9, 9), (16, 16, 3, 3), Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1)))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "path", lambda: tmp_path / "kernels" / "choices.json")
    choice.decisions.cache_clear()


def test_the_table_on_the_ten_layers() -> None:
    chosen = {name: choice.choice(layer.shapes) for name, layer in TEN_LAYERS.items()}
    winograd = {"conv3", "conv4", "conv6", "conv7", "conv9", "conv10"}
    assert chosen == {name: "winograd-2x2" if name in winograd else "direct" for name in TEN_LAYERS}


def test_depthwise_and_few_channels() -> None:
    square = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))
    grouped = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1), 8)
    assert choice.choice(Shapes((1, 8, 9, 9), (8, 1, 3, 3), grouped)) == "depthwise"
    assert choice.choice(Shapes((1, 4, 9, 9), (64, 4, 3, 3), square)) == "direct"
    volume = Geometry((3,) * 3, (1,) * 3, (1,) * 3, (1,) * 3, (1,) * 3)
    assert choice.choice(Shapes((1, 16, 9, 9, 9), (16, 16, 3, 3, 3), volume)) == "direct"


def test_the_tuner_decides_and_another_process_knows() -> None:
    seconds = tuner.tune(SMALL)
    assert set(seconds) == {"winograd-2x2", "direct"}
    fastest = min(seconds, key=lambda name: seconds[name])
    assert choice.choice(SMALL) == fastest
    choice.decisions.cache_clear()
    assert choice.decisions() == {choice.key(SMALL, 1): fastest}
    choice.remember(SMALL, 1, "direct")
    assert choice.choice(SMALL) == "direct"
    assert choice.key(SMALL, 1) != choice.key(SMALL, 2)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": "no kernel"}', '{"a": ["direct"]}'])
def test_a_file_that_is_none(text: str) -> None:
    choice.path().parent.mkdir()
    choice.path().write_text(text)
    assert choice.decisions() == {}
    assert choice.choice(SMALL) == "winograd-2x2"


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "kernels").write_text("")
    choice.remember(SMALL, 1, "direct")
    assert choice.choice(SMALL) == "winograd-2x2"
