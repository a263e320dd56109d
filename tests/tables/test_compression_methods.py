"""The table of compression methods: sizes are those of tensors that are really encoded."""

from fractions import Fraction

import numpy as np
import pytest

from qref.codebooks.hashed import HashedWeights
from qref.compression.relative_index import sparse
from qref.quantizers.encoded import Encoded
from qref.saveload.schemes import SCHEMES
from qref.tables.compression_methods import LAYERS, METHODS, compression_methods

W = np.arange(1, 1201, dtype=np.float32).reshape(30, 40)
TENTH = W * (np.arange(W.size) % 10 == 9).reshape(W.shape)


def test_a_row_a_method_and_layer() -> None:
    rows = compression_methods().rows
    assert [row[2] for row in rows[: 3 * len(METHODS)]] == list(LAYERS) * len(METHODS)
    for _, _, _, bits, smaller, share, printed in rows[: 3 * len(METHODS)]:
        assert float(bits) * float(smaller) == pytest.approx(32) and 0 < float(share) <= 100 and printed is None  # type: ignore[arg-type]
    assert all(row[3:6] == (None, None, None) and row[6] for row in rows[3 * len(METHODS) :])


def encoded() -> dict[tuple[str, str], Encoded]:
    return {
        ("scalar codebook", "16 values"): SCHEMES["scalar-codebook-lloyd"].of(4).encode(W),
        ("HashedNets", "1/8"): HashedWeights(Fraction(1, 8)).encode(W),
        ("pruning", "90 %, relative index"): sparse(TENTH, None, None, 5),
    }


@pytest.mark.parametrize("name", encoded())
def test_a_size_is_that_of_the_bytes(name: tuple[str, str]) -> None:
    [method] = [one for one in METHODS if (one.name, one.setting) == name]
    found = encoded()[name]
    assert method.bits(W.shape) == found.bits == 8 * len(found.packed())


def test_sizes_by_hand() -> None:
    sizes = {(one.name, one.setting): one.bits((300, 8)) for one in METHODS}
    assert sizes["float32", "dense"] == 32 * 2400
    assert sizes["vector codebook", "256 rows"] == 8 * 300 + 32 * 256 * 8
    assert sizes["product codebook", "pieces of 4, 256 values"] == 8 * 600 + 32 * 256 * 8
    assert sizes["Quantized-CNN", "pieces of 4, 32 values"] == 5 * 600 + 32 * 32 * 8
    assert sizes["pruning and codebook", "90 %, 32 values"] == 2 * 8 * (240 * 5 // 8) + 32 * 32 + 32
    assert sizes["pruning", "90 %, CSR"] == 8 * -(-301 * 12 // 8) + 240 * 3 + 240 * 32


def test_operations_by_hand() -> None:
    counted = {(one.name, one.setting): one.operations((4096, 9216)) for one in METHODS}
    assert counted["Quantized-CNN", "pieces of 4, 32 values"] == 9216 * 32 + 4096 * 2304
    assert counted["SVD", "half the operations"] <= 4096 * 9216 // 2
