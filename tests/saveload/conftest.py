"""A small network that has every kind of weight, in any opset."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

Network = Callable[..., Path]

TEXT = """
<ir_version: 7, opset_import: ["" : OPSET]>
network (float[N, 4, 8, 8] x) => (float[N, 5] y)
{
  a = Conv <pads = [1, 1, 1, 1], strides = [2, 2]> (x, full, bias)
  b = Relu (a)
  c = Conv <group = 6, pads = [1, 1, 1, 1], dilations = [1, 1]> (b, depthwise)
  d = ConvTranspose <group = 2, strides = [2, 2]> (c, up)
  e = GlobalAveragePool (d)
  f = Flatten (e)
  kept = Identity (transposed)
  g = Gemm <transB = 1> (f, kept)
  h = Gemm (g, rows)
  y = MatMul (h, columns)
}
"""


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """Writes the network of an opset; weights are drawn anew for each seed, or zeros."""

    def network(opset: int = 13, seed: int = 1, zeros: bool = False, name: str = "network.onnx") -> Path:
        rng = np.random.default_rng(seed)
        shapes = {
            "full": (6, 4, 3, 3), "bias": (6,), "depthwise": (6, 1, 3, 3), "up": (6, 4, 2, 2), "transposed": (16, 8),
            "rows": (16, 7), "columns": (7, 5),
        }  # fmt: skip
        model = onnx.parser.parse_model(TEXT.replace("OPSET", str(opset)))
        for key, shape in shapes.items():
            values = np.zeros(shape) if zeros else rng.standard_normal(shape)
            model.graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float32), key))
        path = tmp_path / name
        onnx.save(model, path)
        return path

    return network
