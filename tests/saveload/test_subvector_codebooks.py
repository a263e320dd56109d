"""Models of codebooks of vectors and sub-vectors: ONNX Runtime has the very bits that decode() gives."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from qref.saveload.command import Options, quantize_command
from tools.run_onnx import decoded

NAMES = ("vector-codebook", "vector-codebook-column", "product-codebook", "product-codebook-column")


@pytest.mark.parametrize("bits", [1, 3, 8])
@pytest.mark.parametrize(
    ("name", "group"), [(name, group) for name in NAMES for group in (None, 1, 5) if group is None or "product" in name]
)
def test_weights_inside_are_those_of_decode_bit_for_bit(
    network: Any, tmp_path: Path, name: str, group: int | None, bits: int
) -> None:
    options = Options(network(13), tmp_path / "q.onnx", name, bits, group=group, seed=bits)
    quantize_command(options)
    model = onnx.load(options.output)
    nodes = [n for n in model.graph.node if n.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul") and not n.domain]
    names = [node.input[1] for node in nodes]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    inside = session.run(names, {"x": np.zeros((1, 4, 8, 8), np.float32)})
    wanted = list(decoded(options).values())
    assert len(inside) == len(wanted) > 4
    for found, W in zip(inside, wanted, strict=True):
        assert found.tobytes() == W.tobytes()
