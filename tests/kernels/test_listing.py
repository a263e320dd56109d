"""Machine code of the tiles, made for processors that this one need not be: the instructions meant, and no spills."""

import re

import pytest

from qref.errors import Unsupported

pytest.importorskip("numba")
from qref.kernels import listing
from qref.kernels.instructions.table import named
from qref.kernels.listing import TARGETS, Target
from qref.kernels.tile import float32, int8
from qref.kernels.tile.dot import DOTS, dot_of, most_pixels
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


ADDED = "vp(maddwd|dpwssd)"
"""Two products of 16 bits; LLVM makes one instruction of them and the addition."""
PRODUCTS = {
    8: {"amx": "vpdpbusd .*zmm", "vnni": "vpdpbusd .*zmm", "avx512": "vpmaddubsw .*zmm",
        "avx-vnni": r"\{vex\} +vpdpbusd .*ymm", "avx2": "vpmaddubsw .*ymm", "i8mm": "usdot", "dotprod": "sdot"},
    16: {"amx": f"{ADDED} .*zmm", "vnni": f"{ADDED} .*zmm", "avx512": "vpmaddwd .*zmm",
         "avx-vnni": rf"(\{{vex\}} +)?{ADDED} .*ymm", "avx2": "vpmaddwd .*ymm",
         "i8mm": "mla|smlal", "dotprod": "mla|smlal", "neon": "mla|smlal"},
}  # fmt: skip
"""What multiplies pixels by weights that are kept in so many bits."""
SATURATING = re.compile(r"vpdp(busds|wssds)\b")


def int8_tile(name: str, dot: str) -> str:
    """With the end by xnnpack-fp32, which needs more registers than sums do."""
    here, pixels, word = named(name), most_pixels(named(name), dot), DOTS[dot].channels
    pixel, words = 4 * 64 // word, 64 // word
    layer = Steps(
        word=4, block=pixel, tap=pixel, pixel=pixel, taps=3, rows=3, words=words, block_words=words, y_pixel=4,
        y_channel=PLANE,
    )  # fmt: skip
    shape = RegisterTile(pixels, here.vectors, ((True,) * pixels,) * 3, unroll=2, blocks=False, partial=False)
    return listing.assembly(int8.tile(shape, here, dot, (0,) * pixels, layer, True), TARGETS[name])


@pytest.mark.parametrize(
    ("name", "bits", "meant"),
    [(name, bits, meant) for bits, table in PRODUCTS.items() for name, meant in table.items()],
)
def test_int8_is_exact_products_in_registers(name: str, bits: int, meant: str) -> None:
    here = named(name)
    dot = dot_of(here, bits)
    loop = [line.replace("\t", " ") for line in listing.largest_loop(int8_tile(name, dot))]
    products = sum(bool(re.match(meant, line)) for line in loop)
    halves = 2 if dot == "portable" else 1  # each channel of a word by itself
    assert products == 2 * halves * most_pixels(here, dot) * here.vectors
    assert not any(SATURATING.search(line) for line in loop)
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
