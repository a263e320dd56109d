"""Histograms of a model's weights and activations."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from qref.errors import BadModel
from qref.figures import histograms

HEAD = '<ir_version: 8, opset_import: ["" : 17]>'


def model(folder: Path, text: str, **weights: np.ndarray) -> Path:
    proto = onnx.parser.parse_model(f"{HEAD} {text}")
    for name, values in weights.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float32), name))
    onnx.save(proto, folder / "m.onnx")
    return folder / "m.onnx"


def test_each_layer_is_measured_by_its_own_root_mean_square(tmp_path: Path) -> None:
    text = "g (float[1, 2] x) => (float[1, 2] y) { a = MatMul (x, u) y = MatMul (a, v) }"
    u, v = np.array([[3, -3], [3, 3]]), np.array([[0, 1e-3], [0, 0]])
    found = histograms.weights_of(model(tmp_path, text, u=u, v=v))
    assert (sum(found.counts), found.beyond, found.zeros) == (5, 0, 3)
    edges = np.linspace(found.lowest, found.highest, histograms.BINS + 1)
    places = [edges[i] for i in np.flatnonzero(found.counts)]
    assert places == pytest.approx([-1, 1, 2])  # ±3 over 3; 10⁻³ over 10⁻³/2


def test_a_model_without_weights_or_activations_to_count_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="no float32 weights"):
        histograms.weights_of(model(tmp_path, "g (float[2] x) => (float[2] y) { y = Relu (x) }"))
    text = "g (float[1, 2] x) => (float[1, 2] y) { y = MatMul (x, u) }"
    path = model(tmp_path, text, u=np.zeros((2, 2)))
    with pytest.raises(BadModel, match="no float32 weights"):
        histograms.weights_of(path)
    np.save(tmp_path / "x.npy", np.ones((1, 2), np.float32))
    with pytest.raises(BadModel, match="no layer but the first"):
        histograms.activations_of(path, tmp_path / "x.npy")
