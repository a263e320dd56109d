"""Packed weights, kept on disk."""

from pathlib import Path

import numpy as np
import pytest

from qref.conv.geometry import Geometry
from qref.errors import BadTensor

pytest.importorskip("numba")
from qref.kernels.conv import float32_direct
from qref.kernels.packed import load

GEOMETRY = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))


def test_what_was_saved_runs(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((1, 33, 7, 7), np.float32), rng.standard_normal((20, 33, 3, 3), np.float32)
    packed = float32_direct.pack(w, GEOMETRY)
    assert packed.nbytes >= w.nbytes
    packed.save(tmp_path / "weights.npz")
    again = load(tmp_path / "weights.npz")
    assert (again.kernel, again.set, again.shape, again.numbers) == ("direct", packed.set, w.shape, {"group": 1})
    expected = float32_direct.direct(x, packed, GEOMETRY)
    assert np.array_equal(float32_direct.direct(x, again, GEOMETRY), expected)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadTensor, match="cannot be read"):
        load(tmp_path / "missing.npz")
    for content in (b"", b"PK\x03\x04 no zip", b"text"):
        path = tmp_path / "weights.npz"
        path.write_bytes(content)
        with pytest.raises(BadTensor, match=r"weights\.npz"):
            load(path)
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(BadTensor, match="holds no packed weights"):
        load(tmp_path / "other.npz")
    packed = float32_direct.pack(np.zeros((1, 1, 3, 3), np.float32), GEOMETRY)
    with pytest.raises(BadTensor, match="cannot be written"):
        packed.save(tmp_path / "missing" / "weights.npz")
