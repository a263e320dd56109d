"""`qref bench schemes`: VGG-19's shape, and a run on few weights."""

import math

import pytest

pytest.importorskip("numba")

from qref.bench import schemes
from qref.bench.command import schemes_command
from qref.errors import UsageError


def test_vgg_19_has_its_weights() -> None:
    """143,667,240 parameters by torchvision, 14,696 of them biases: 5,504 of convolutions, 9,192 of the rest."""
    assert sum(math.prod(shape) for shape in schemes.VGG_19) == 143_667_240 - 5_504 - 9_192
    assert len(schemes.VGG_19) == 16 + 3


def test_alexnet_s_first_fully_connected_layer() -> None:
    assert schemes.Measured("bwn", "channel", 1.0, 10**9, 0, "alexnet-fc6").weights == 4 * 37_748_736
    with pytest.raises(UsageError, match="no layers lenet: vgg-19, alexnet-fc6"):
        list(schemes.measured(["bwn"], layers="lenet"))


def test_a_run_says_time_memory_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemes, "VGG_19", ((8, 3, 3, 3), (10, 64)))
    found = schemes.alone("bwn", None)
    assert found.granularity == "channel"
    assert found.bits == 216 + 8 * 32 + 640 + 10 * 32
    assert found.weights == 4 * (216 + 640)
    assert 0 < found.seconds < 60


def test_a_scheme_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing is no scheme"):
        list(schemes.measured(["nothing"]))
    with pytest.raises(UsageError, match=r"bwnh is no scheme that needs nothing but weights: (?!.*bwnh)"):
        list(schemes.measured(["bwnh"]))
    with pytest.raises(UsageError, match="scheme dorefa has a scale a tensor, not a group"):
        list(schemes.measured(["dorefa"], "group"))
    with pytest.raises(UsageError, match="no scheme has a scale a row"):
        list(schemes.measured([], "row"))


def test_the_table_has_room_for_every_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    one = schemes.Measured("binary-connect-stochastic", "tensor", 1.0, 10**9, 143_652_544)
    monkeypatch.setattr(schemes, "measured", lambda *given: iter([one]))
    assert schemes_command([], None) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == [one.scheme, one.granularity]
