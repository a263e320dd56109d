"""Machine code of the tiles, made for processors that this one need not be: the instructions meant, and no spills."""

import re

import pytest

from qref.errors import Unsupported

pytest.importorskip("numba")
from qref.kernels import listing
from qref.kernels.instructions.table import named
from qref.kernels.listing import TARGETS, Target
from qref.kernels.tile import float32
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps

PLANE = 4 * 56 * 56
LAYER = Steps(
    word=PLANE, block=32 * PLANE, tap=4, pixel=4, taps=3, rows=3, words=64, block_words=32, y_pixel=4, y_channel=PLANE
)
FUSED = {"amx": "vfmadd.*zmm", "vnni": "vfmadd.*zmm", "avx512": "vfmadd.*zmm", "avx-vnni": "vfmadd.*ymm",
         "avx2": "vfmadd.*ymm", "i8mm": "fmla", "dotprod": "fmla", "neon": "fmla"}  # fmt: skip


def float_tile(name: str) -> str:
    here = named(name)
    taps = tuple((True,) * here.pixels for _ in range(3))
    shape = RegisterTile(here.pixels, here.vectors, taps, unroll=2, partial=False)
    return listing.assembly(float32.tile(shape, here, LAYER, False), TARGETS[name])


@pytest.mark.parametrize("name", FUSED)
def test_float32_is_fused_multiply_adds_in_registers(name: str) -> None:
    here = named(name)
    loop = listing.largest_loop(float_tile(name))
    sums = sum(bool(re.match(FUSED[name], line)) for line in loop)
    assert sums >= 2 * here.pixels * here.vectors
    assert sums % (here.pixels * here.vectors) == 0
    assert listing.spills(loop) == []


def test_spills_are_seen() -> None:
    """A tile of more sums than there are registers."""
    here, pixels = named("avx2"), 14
    shape = RegisterTile(pixels, 2, ((True,) * pixels,) * 3, unroll=2, partial=False)
    text = listing.assembly(float32.tile(shape, here, LAYER, False), TARGETS["avx2"])
    assert listing.spills(listing.largest_loop(text))


def test_a_processor_that_llvm_does_not_know() -> None:
    shape = RegisterTile(1, 1)
    with pytest.raises(Unsupported, match="abacus"):
        listing.assembly(float32.tile(shape, named("portable"), None, False), Target("abacus-linux-gnu", "z1"))
