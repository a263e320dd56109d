"""Hashed weights in a model: ONNX Runtime computes the same hashes, bit for bit."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime
import pytest

from qref.codebooks.hashed import Hash, Hashed, HashedWeights
from qref.errors import Unsupported
from qref.numerics.xxhash32 import of_pairs
from qref.saveload import encoded_file
from qref.saveload.decoding import Decoding
from qref.saveload.functions import add_functions
from qref.saveload.hashed_nodes import hashed


def run(encoded: Hashed, opset: int) -> Any:
    """What ONNX Runtime makes of a model that holds nothing but these weights."""
    decoding = Decoding("W", opset)
    out = hashed(encoded, decoding)
    out.dtype, out.shape = ir.DataType.FLOAT, ir.Shape(encoded.shape)
    graph = ir.Graph(
        [], [out], nodes=decoding.nodes, initializers=decoding.tensors, opset_imports={"": opset}, name="weights"
    )
    model = ir.Model(graph, ir_version=8)
    add_functions(model, decoding.functions, opset)
    proto = ir.serde.serialize_model(model)
    onnx.checker.check_model(proto, full_check=True)
    [found] = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {})
    return found


@pytest.mark.parametrize("opset", [11, 13, 17, 18, 21, 25])
@pytest.mark.parametrize("seed", [0, 1691, 2**32 - 1])
@pytest.mark.parametrize("shape", [(9, 33), (3, 2, 2, 2), (7,), (300, 2)])
def test_every_bit_is_that_of_decode(opset: int, seed: int, shape: tuple[int, ...]) -> None:
    W = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    encoded = HashedWeights(Fraction(1, 4), Hash(seed)).encode(W)
    assert run(encoded, opset).tobytes() == encoded.decode().tobytes()


@pytest.mark.parametrize("opset", [11, 18])
def test_buckets_of_many_places_are_the_references(opset: int) -> None:
    """Real weights that say which bucket they are."""
    shape, count = (512, 257), 2**20
    encoded = Hashed(shape, np.arange(1, count + 1, dtype=np.float32), Hash(5))
    places = np.arange(512)[:, None], np.arange(257)[None]
    assert np.array_equal(np.abs(run(encoded, opset)) - 1, of_pairs(*places, 5) % np.uint32(count))


def test_no_index_is_stored() -> None:
    decoding = Decoding("W", 21)
    hashed(Hashed((64, 64), np.ones(8, np.float32)), decoding)
    assert sum(value.const_value.nbytes for value in decoding.tensors) == 4 * 8 + 8 + 8 + 4 + 16 + 16


def test_decimal_keys_have_no_onnx_form() -> None:
    with pytest.raises(Unsupported, match="decimal"):
        hashed(Hashed((2, 2), np.ones(1, np.float32), Hash(key="decimal")), Decoding("W", 21))


def test_a_file_of_hashed_weights_leads_back(tmp_path: Path) -> None:
    encoded = Hashed((3, 4), np.array([1, 2], np.float32), Hash(9, "decimal"))
    encoded_file.save(encoded, tmp_path / "w.npz")
    again = encoded_file.load(tmp_path / "w.npz")
    assert again.hash == encoded.hash and np.array_equal(again.decode(), encoded.decode())
