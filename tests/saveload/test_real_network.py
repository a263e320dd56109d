"""Every scheme on a trained network: RapidOCR's classifier of the direction of text, 54 weight tensors, opset 11."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from qref.saveload.command import Options, quantize_command
from qref.saveload.schemes import SCHEMES
from tools.networks import text_direction
from tools.run_onnx import decoded, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def network() -> Path:
    try:
        return text_direction()
    except ModuleNotFoundError as error:
        pytest.skip(f"not installed: {error}")


@pytest.mark.parametrize("name", SCHEMES)
def test_onnx_runtime_gives_what_the_float_network_gives_with_the_decoded_weights(
    network: Path, tmp_path: Path, name: str
) -> None:
    x = np.random.default_rng(1).standard_normal((1, 3, 48, 192)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    options = Options(network, tmp_path / "quantized.onnx", name, inputs=tmp_path / "x.npy")
    quantize_command(options)
    onnx.checker.check_model(str(options.output), full_check=True)

    W = decoded(options)
    assert len(W) == 54
    plain = onnx.load(network)  # its weights are Constant nodes
    for node in plain.graph.node:
        if node.op_type == "Constant" and node.output[0] in W:
            node.attribute[0].t.CopyFrom(onnx.numpy_helper.from_array(W[node.output[0]]))
    onnx.save(plain, tmp_path / "floats.onnx")
    [wanted], [y] = run(tmp_path / "floats.onnx", x), run(options.output, x)
    np.testing.assert_allclose(y, wanted, rtol=1e-3, atol=1e-4)
