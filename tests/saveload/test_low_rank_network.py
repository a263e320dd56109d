"""Low rank on a trained network: RapidOCR's classifier of the direction of text, 54 weight tensors, opset 11."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from qref.compression.low_rank import RECONSTRUCT
from qref.saveload import onnx_file
from qref.saveload.decoding import Decoding, fresh, names
from qref.saveload.low_rank_graph import Energy, Speed, Target, low_rank, rewrite
from qref.saveload.weights import weights
from tools.networks import text_direction
from tools.run_onnx import run, session

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("method", "target"),
    [
        *((method, Speed(2.0)) for method in ("channel", "spatial", "tucker2", "cp")),
        *((method, Energy(0.8)) for method in ("channel", "spatial", "tucker2")),
    ],
)
def test_layers_compute_what_the_network_does_with_the_reconstructed_weights(
    tmp_path: Path, method: str, target: Target
) -> None:
    try:
        network = text_direction()
    except ModuleNotFoundError as error:
        pytest.skip(f"not installed: {error}")
    model = onnx_file.load(network)
    taken, decoded = names(model), {}
    for weight in weights(model):
        factors = low_rank(weight, method, target)
        if factors is not None:
            decoded[weight.name] = weight.as_in_the_model(RECONSTRUCT[method](*factors.tensors))
            rewrite(weight, factors, Decoding(fresh(weight.name, taken), onnx_file.opset(model)))
    assert decoded
    onnx_file.save(model, tmp_path / "low.onnx")
    onnx.checker.check_model(str(tmp_path / "low.onnx"), full_check=True)

    plain = onnx.load(network)  # its weights are Constant nodes
    for node in plain.graph.node:
        if node.op_type == "Constant" and node.output[0] in decoded:
            node.attribute[0].t.CopyFrom(onnx.numpy_helper.from_array(decoded[node.output[0]]))
    x = np.random.default_rng(1).standard_normal((1, 3, 48, 192)).astype(np.float32)
    loaded = session(plain.SerializeToString())
    [wanted] = loaded.run(None, {loaded.get_inputs()[0].name: x})
    assert np.abs(run(tmp_path / "low.onnx", x)[0] - wanted).max() <= 1e-4 * np.abs(wanted).max()
