"""Peers: each convolves what it is given, exactly where it computes with integers, and says what it does not do."""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.bench.peers.peer import Peer, Requantizing, Run
from qref.bench.peers.requantization import output_scale, rule
from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.errors import MissingExtra

pytest.importorskip("numba")
from qref.bench import layers
from qref.bench.layers import PEERS, measure
from qref.conv.ten_layers import layer

MODULES = {
    "onnxruntime": "onnxruntime",
    "openvino": "openvino",
    "torch": "torch",
    "ncnn": "ncnn",
    "mnn": "MNN",
    "litert": "ai_edge_litert",
}
INT8 = {
    "onnxruntime": {"ConvInteger", "QLinearConv"},
    "openvino": {"Convolution", "Convolution-to-uint8"},
    "ncnn": {"Convolution", "Convolution-without-winograd"},
    "litert": {"CONV_2D"},
    "mnn": set(),
}


def marked(name: str) -> Any:
    wanting = find_spec(MODULES[name]) is None
    reason = "onnxruntime is not installed" if name == "onnxruntime" else f"{name} is of the extra `engines`"
    return pytest.param(name, marks=pytest.mark.skipif(wanting, reason=reason))


every_peer = pytest.mark.parametrize("name", [marked(name) for name in MODULES])


Pair = tuple[int, int]


def geometry(kernel: Pair, strides: Pair, dilations: Pair, begin: Pair, end: Pair | None = None) -> Geometry:
    return Geometry(kernel, strides, dilations, begin, begin if end is None else end)


def pairs(least: int, most: int) -> Any:
    return st.tuples(st.integers(least, most), st.integers(least, most))


def operands(dtype: str, x_shape: tuple[int, ...], w_shape: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(1)
    if dtype == "float32":
        return rng.standard_normal(x_shape, np.float32), rng.standard_normal(w_shape, np.float32)
    return rng.integers(0, 256, x_shape).astype(np.uint8), rng.integers(-64, 64, w_shape).astype(np.int8)


def held(runs: Mapping[str, Run], x: NDArray[Any], w: NDArray[Any], where: Geometry) -> None:
    """Every run gives the convolution, or what its rule makes of it; integers exactly."""
    golden = direct(x.astype(np.float64), w.astype(np.float64), where)
    for name, run in runs.items():
        expected = run.rule(golden) if isinstance(run, Requantizing) else golden
        y = run(x)
        assert y.shape == golden.shape, name
        if x.dtype == np.float32:
            np.testing.assert_allclose(y, expected, atol=3e-5 * np.sqrt(w[0].size), err_msg=name)
        else:
            np.testing.assert_array_equal(y, expected, err_msg=name)


@every_peer
@settings(max_examples=12)
@given(
    channels=st.tuples(st.integers(1, 20), st.integers(1, 40)),
    image=pairs(3, 14),
    kernel=st.tuples(st.sampled_from([1, 2, 3, 5]), st.sampled_from([1, 3])),
    strides=pairs(1, 2),
    dilations=pairs(1, 2),
    begin=pairs(0, 2),
    end=st.none() | pairs(0, 2),
    dtype=st.sampled_from(["float32", "int8"]),
)
@example((64, 64), (14, 14), (3, 3), (1, 1), (1, 1), (1, 1), None, "float32")
@example((64, 64), (14, 14), (3, 3), (1, 1), (1, 1), (1, 1), None, "int8")
@example((3, 32), (15, 15), (7, 7), (2, 2), (1, 1), (3, 3), None, "int8")
def test_a_peer_convolves_any_geometry(
    name: str,
    channels: Pair,
    image: Pair,
    kernel: Pair,
    strides: Pair,
    dilations: Pair,
    begin: Pair,
    end: Pair | None,
    dtype: str,
) -> None:
    where, (C, K) = geometry(kernel, strides, dilations, begin, end), channels
    assume(min(where.output(image)) > 0)
    x, w = operands(dtype, (1, C, *image), (K, C, *kernel))
    if name == "ncnn" and dtype == "int8":
        x = np.minimum(x, 254)
    held(PEERS[name].prepare(w, where, dtype, x.shape, 1), x, w, where)


@every_peer
def test_what_a_peer_runs_on_an_ordinary_layer(name: str) -> None:
    where = geometry((3, 3), (1, 1), (1, 1), (1, 1))
    _, w = operands("float32", (1, 16, 12, 12), (32, 16, 3, 3))
    assert PEERS[name].prepare(w, where, "float32", (1, 16, 12, 12), 1)
    assert PEERS[name].prepare(w, where, "binary", (1, 16, 12, 12), 1) == {}
    _, w = operands("int8", (1, 16, 12, 12), (32, 16, 3, 3))
    runs = PEERS[name].prepare(w, where, "int8", (1, 16, 12, 12), 1)
    assert set(runs) == INT8[name] if name in INT8 else {"quantized-onednn"} & set(runs)


@every_peer
def test_a_peer_says_its_version(name: str) -> None:
    assert re.match(r"\d+\.\d+", PEERS[name].version() or "")


@every_peer
def test_two_threads_give_the_same(name: str) -> None:
    where = geometry((3, 3), (1, 1), (1, 1), (1, 1))
    x, w = operands("float32", (1, 16, 12, 12), (32, 16, 3, 3))
    held(PEERS[name].prepare(w, where, "float32", x.shape, 2), x, w, where)


@pytest.mark.parametrize("name", MODULES)
def test_what_is_not_installed_is_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qref.engines.versions.find_spec", lambda module: None)
    extra = "onnxruntime" if name == "onnxruntime" else "engines"
    with pytest.raises(MissingExtra, match=rf"pip install 'qref-conformance\[{extra}\]'"):
        PEERS[name].check()


def test_outputs_fill_eight_bits_and_a_scale_is_a_power_of_two() -> None:
    where = geometry((3, 3), (1, 1), (1, 1), (1, 1))
    for C in (3, 64):
        x, w = operands("int8", (1, C, 14, 14), (8, C, 3, 3))
        scale = output_scale(w)
        assert np.frexp(scale)[0] == 0.5
        y = rule(scale, 128, np.uint8)(direct(x.astype(float), w.astype(float), where))
        assert 10 < y.std() < 60
        assert np.mean((y == 0) | (y == 255)) < 0.05
    assert output_scale(np.zeros((1, 1, 1, 1), np.int8)) == 2.0**-5


def test_requantization_rounds_ties_to_even_and_clips() -> None:
    outputs = rule(4.0, 128, np.uint8)(np.array([-2.0, 2.0, 6.0, 10.0, -6.0, 1e9, -1e9]))
    assert outputs.tolist() == [128, 128, 130, 130, 126, 255, 0]
    assert rule(1.0, 0, np.int8)(np.array([-200.0, 200.0])).tolist() == [-128, 127]


@pytest.mark.parametrize("off", [0, 1])
def test_a_requantizing_run_is_held_to_its_rule(off: int, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"small": layer("small", 4, 6, 8, 3, 1, 1, "")}

    def prepare(w: Any, where: Geometry, dtype: str, x_shape: Any, threads: int) -> dict[str, Run]:
        requantized = rule(1024.0, 128, np.uint8)

        def run(x: NDArray[Any]) -> NDArray[Any]:
            y = requantized(direct(x.astype(float), w.astype(float), where)).astype(np.uint8)
            y.reshape(-1)[7] += off
            return y

        return {"requantizing": Requantizing(run, requantized)}

    monkeypatch.setattr(layers, "TEN_LAYERS", small)
    monkeypatch.setitem(PEERS, "one", Peer("one", lambda: None, prepare, lambda: "1.0"))
    [row] = measure(("small",), [], dtype="int8", peers=["one"], repeat=1).rows
    assert row.checked is (off == 0)
    assert (row.max_error > 0) is (off == 1)
