"""Encoded tensors go to files and come back; a run that was stopped finds what it had."""

from contextlib import suppress
from dataclasses import fields
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qref.codebooks.subvectors import Subvectors
from qref.compression.huffman_coded import HuffmanCoded
from qref.compression.low_rank.factors import Factors
from qref.compression.relative_index import sparse
from qref.errors import BadModel
from qref.numerics.philox import Stream
from qref.quantizers.encoded import Coded, Scaled
from qref.quantizers.granularity import CHANNEL, TENSOR, Granularity
from qref.saveload import encoded_file
from qref.saveload.checkpoint import Checkpoint
from qref.saveload.schemes import SCHEMES

W = np.arange(-11, 13, dtype=np.float32).reshape(4, 6) / 8
INDEX = sparse(W * (np.abs(W) > 1), None, None, 5)
CODED = Coded(np.zeros((2, 3), np.uint8), np.ones((1, 2), np.float32), TENSOR, 1)


@pytest.mark.parametrize(
    "encoded",
    [
        Scaled(np.ones((2, 3), np.int8), np.ones(2, np.float32), CHANNEL, 2),
        CODED,
        Subvectors((2, 4), "rows", np.zeros((2, 2), np.uint8), np.ones((3, 4), np.float32), 2, 2),
        INDEX,
        HuffmanCoded(CODED),
        HuffmanCoded(INDEX),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_is_saved_comes_back(tmp_path: Path, encoded: Any) -> None:
    encoded_file.save(encoded, tmp_path / "one.npz")
    found = encoded_file.load(tmp_path / "one.npz")
    assert type(found) is type(encoded)
    assert (found.shape, found.bits, found.packed()) == (encoded.shape, encoded.bits, encoded.packed())
    assert np.array_equal(found.decode(), encoded.decode())


@pytest.mark.parametrize("name", [name for name, one in SCHEMES.items() if not one.inputs])
def test_every_scheme_s_tensors_do(tmp_path: Path, name: str) -> None:
    encoded = SCHEMES[name].of().encode(W, stream=Stream(1))
    encoded_file.save(encoded, tmp_path / "one.npz")
    found = encoded_file.load(tmp_path / "one.npz")
    assert type(found) is type(encoded) and found.packed() == encoded.packed()
    assert np.array_equal(found.decode(), encoded.decode())


def test_factors_do_and_so_does_that_there_are_none(tmp_path: Path) -> None:
    factors = Factors("svd", (4, 6), (np.ones((2, 6), np.float32), np.ones((4, 2), np.float32)))
    encoded_file.save(factors, tmp_path / "one.npz")
    found = encoded_file.load(tmp_path / "one.npz")
    for one in fields(Factors):
        assert np.all(getattr(found, one.name)[0] == getattr(factors, one.name)[0])
    encoded_file.save(None, tmp_path / "none.npz")
    assert encoded_file.load(tmp_path / "none.npz") is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.npz").write_bytes(content)
    with pytest.raises(BadModel, match="no encoded tensor"):
        encoded_file.load(tmp_path / "bad.npz")


def test_a_run_finds_what_it_had_and_another_does_not(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"one model")
    made: list[str] = []

    def make() -> Coded:
        made.append("made")
        return CODED

    def run(resume: bool, **options: Any) -> Checkpoint:
        found = Checkpoint.of(tmp_path / "out", [tmp_path / "model"], options, resume)
        assert found.kept("layer", make).packed() == CODED.packed()
        return found

    first = run(False, bits=1)
    assert run(True, bits=1) == first and len(made) == 1
    assert run(True, bits=2) != first and len(made) == 2
    run(False, bits=1)
    assert len(made) == 3
    (tmp_path / "model").write_bytes(b"another")
    run(True, bits=1)
    assert len(made) == 4
    next(first.folder.iterdir()).write_bytes(b"broken")
    (tmp_path / "model").write_bytes(b"one model")
    run(True, bits=1).remove()
    assert len(made) == 5 and not first.folder.exists()


def test_a_broken_file_is_made_anew_whatever_is_broken(tmp_path: Path) -> None:
    encoded_file.save(HuffmanCoded(INDEX), tmp_path / "one.npz")
    good, found = (tmp_path / "one.npz").read_bytes(), 0
    central = good.index(b"PK\x01\x02")  # compression, encryption, version: each has an error of its own
    for i in [*range(0, central, 31), *range(central, central + 60)]:
        (tmp_path / "one.npz").write_bytes(good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :])
        with suppress(BadModel):
            encoded_file.load(tmp_path / "one.npz")
            found += 1
    assert found < 60


def test_another_version_of_qref_has_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").write_bytes(b"one model")

    def folder() -> Path:
        return Checkpoint.of(tmp_path / "out", [tmp_path / "model"], {}, resume=True).folder

    before = folder()
    monkeypatch.setattr("importlib.metadata.version", lambda name: "9.9")
    assert folder() != before

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", missing)
    assert folder() not in (before, None)


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"one model")
    found = Checkpoint.of(tmp_path / "missing" / "out", [tmp_path / "model"], {}, resume=False)
    assert found.kept("layer", lambda: CODED) is CODED


def test_every_kind_of_granularity_comes_back(tmp_path: Path) -> None:
    for grain in (TENSOR, CHANNEL, Granularity("group", 3)):
        parts = grain.count((2, 6))
        encoded_file.save(Scaled(np.ones((2, 6), np.int8), np.ones(parts, np.float32), grain, 2), tmp_path / "g.npz")
        assert encoded_file.load(tmp_path / "g.npz").granularity == grain
