"""The figures of the fast kernels show what the kernels do: their tiles, cuts, orders and shuffles."""

from dataclasses import replace

import numpy as np
import pytest

from qref.conv.geometry import Geometry
from qref.figures import packed_weights, register_tile, register_transpose, row_in_tiles, split_sums

pytest.importorskip("numba")
from qref.kernels.conv import float32_direct
from qref.kernels.instructions.table import named
from qref.kernels.layout import BLOCK
from qref.kernels.tile import tables
from qref.kernels.tile.register_tile import RegisterTile

SPANS = tables.spans(row_in_tiles.LAYER.geometry, row_in_tiles.LAYER.x[3])
LIKE = RegisterTile(1, 2)


def test_the_register_tile_is_that_of_avx2() -> None:
    here = named("avx2")
    drawn = (register_tile.PIXELS, register_tile.VECTORS, register_tile.LANES, register_tile.REGISTERS)
    assert drawn == (here.pixels, here.vectors, here.lanes, here.registers)
    assert (named("avx512").pixels, here.pixels) == (row_in_tiles.LONG, row_in_tiles.SHORT)


def test_the_taps_of_a_row_are_those_that_the_kernels_keep() -> None:
    met = row_in_tiles.pixels() >= 0
    assert [tuple(np.flatnonzero(column)[[0, -1]] + (0, 1)) for column in met.T] == SPANS


@pytest.mark.parametrize("most", [row_in_tiles.LONG, row_in_tiles.SHORT])
def test_a_program_of_its_own_cuts_a_row_as_drawn(most: int) -> None:
    tiles, runs = tables.compiled_in(SPANS, 3, most, LIKE)
    lengths = [tiles[run.kind].pixels for run in runs for _ in range(run.times)]
    assert lengths == row_in_tiles.evenly(len(SPANS), most)


def test_the_program_for_all_geometries_cuts_a_row_as_drawn() -> None:
    tiles, runs = tables.told(SPANS, row_in_tiles.SHORT, LIKE)
    lengths = [tiles[run.kind].pixels for run in runs for _ in range(run.times)]
    assert lengths == row_in_tiles.alike(row_in_tiles.pixels(), row_in_tiles.SHORT)


def test_packed_weights_lie_as_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(named("portable"), lanes=packed_weights.ACROSS // 2, vectors=2)
    monkeypatch.setattr(float32_direct.instructions, "chosen", lambda: small)
    monkeypatch.setattr(float32_direct, "BLOCK", packed_weights.PART)
    w = np.arange(8 * 6 * 2 * 3, dtype=np.float32).reshape(8, 6, 2, 3)
    found = float32_direct.pack(w, Geometry((2, 3), (1, 1), (1, 1), (0, 0), (0, 0))).arrays["w"]
    assert np.array_equal(found, packed_weights.order(w, packed_weights.ACROSS, packed_weights.PART).ravel())


def test_shuffles_of_pairs_transpose() -> None:
    vectors = np.arange(64).reshape(8, 8)
    found = vectors
    for distance in (4, 2, 1):
        found = register_transpose.exchanged(found, distance)
    assert np.array_equal(found, vectors.T)


def test_sums_are_split_where_the_kernels_split_them() -> None:
    assert split_sums.BLOCK == BLOCK
    assert split_sums.errors(256, BLOCK) < split_sums.errors(256, 256) / 2
