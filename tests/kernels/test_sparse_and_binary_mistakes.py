"""Sparse and binary kernels made wrong on purpose: each mistake is caught by two checks, which all hold without it.

Inputs, outputs and workspaces lie between guards, so that what is written beside them shows.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.conv.xnor import xnor as reference

pytest.importorskip("numba")
from qref.kernels import program
from qref.kernels.conv import signs, sparse_direct, sparse_gemm, xnor
from qref.kernels.conv.kernel import LINE, Kernel
from qref.kernels.instructions import features, table
from qref.kernels.tile import binary, binary_tables, output, sparse
from qref.kernels.tile import signs as tile_signs

WORDS = replace(table.named("portable"), name="tiny words", pixels=2)
TABLES = replace(WORDS, name="tiny tables", popcount="nibbles")
SPARSE = replace(WORDS, name="tiny sparse", registers=4)
"""The smallest tiles: so many mistakes compile in no time."""
GUARD, BESIDE = 1 << 14, 0x55
LOOKS_UP = "ssse3" in features()
"""Whether this machine has the shuffle of bytes that the tile of tables is written in."""
Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Layer:
    """One convolution in NCHW, its kernel, and what fills its operands."""

    kernel: str
    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    threads: int = 1
    fill: str = ""


def square(kernel: str, C: int, H: int, M: int, R: int = 3, stride: int = 1, pad: int = 1, dilation: int = 1,
           group: int = 1, N: int = 1, **more: Any) -> Layer:  # fmt: skip
    geometry = Geometry((R, R), (stride,) * 2, (dilation,) * 2, (pad,) * 2, (pad,) * 2, group)
    return Layer(kernel, (N, group * C, H, H), (group * M, C, R, R), geometry, **more)


def binary_layers(kernel: str) -> dict[str, Layer]:
    return {
        f"{kernel}: {name}": replace(layer, kernel=kernel)
        for name, layer in {
            "plain": square("", 32, 6, 4, pad=0),
            "tail of channels": square("", 37, 5, 6, N=2),
            "few channels": square("", 3, 7, 5),
            "wide padding": square("", 33, 4, 4, R=2, pad=3),
            "strides": square("", 36, 9, 3, stride=2),
            "dilation": square("", 40, 9, 4, dilation=2),
            "groups": square("", 5, 6, 3, group=2),
            "groups of words": square("", 33, 5, 4, group=3, N=2),
            "many channels": square("", 300, 5, 3),
            "many channels, all different": square("", 300, 5, 3, fill="different"),
            "fully connected": square("", 70, 1, 9, R=1, pad=0, N=3),
            "threads": square("", 33, 6, 5, threads=3),
            "threads and groups": square("", 8, 7, 5, group=2, threads=2),
            "zeros": square("", 33, 5, 4, fill="zeros"),
            "zeros, in bytes": square("", 8, 6, 4, fill="zeros in bytes"),
            "more than 32767 equal": square("", 8200, 3, 2, R=2, pad=0, fill="equal"),
            "more than 32767 different": square("", 8200, 3, 2, R=2, pad=0, fill="different"),
        }.items()
    }


def sparse_layers(kernel: str) -> dict[str, Layer]:
    return {
        f"{kernel}: {name}": replace(layer, kernel=kernel)
        for name, layer in {
            "plain": square("", 4, 7, 5, pad=0),
            "padded": square("", 3, 9, 6),
            "few weights": square("", 5, 8, 6, fill="few"),
            "all weights": square("", 3, 6, 5, fill="all"),
            "strides": square("", 5, 11, 4, stride=2, N=2),
            "strides, wide padding": square("", 4, 8, 5, stride=3, pad=4),
            "dilation": square("", 4, 9, 4, dilation=2),
            "groups": square("", 3, 8, 4, group=2),
            "groups and images": square("", 2, 7, 3, group=3, N=2),
            "many channels": square("", 170, 7, 5, fill="few"),
            "many channels, strides": square("", 150, 9, 4, stride=2, fill="few"),
            "threads": square("", 5, 12, 7, threads=2),
            "threads and groups": square("", 4, 9, 5, group=2, threads=3),
            "infinity under zeros": square("", 4, 8, 4, fill="infinity"),
            "infinity under zeros, strides": square("", 3, 9, 5, stride=2, fill="infinity"),
        }.items()
    }


def operands(layer: Layer) -> tuple[NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(3)
    if layer.kernel in ("words", "tables"):
        x, w = (rng.choice(np.array([-1, 1], np.int8), shape) for shape in (layer.x, layer.w))
        if layer.fill in ("equal", "different"):
            x[...], w[...] = 1, 1 if layer.fill == "equal" else -1
        if layer.fill.startswith("zeros"):
            x = rng.integers(-1, 2, layer.x).astype(np.int8 if "bytes" in layer.fill else np.float32)
        return x, w
    x, w = (rng.integers(-9, 10, shape).astype(np.float32) for shape in (layer.x, layer.w))
    kept = {"few": 5, "all": 100}.get(layer.fill, 40)
    w[rng.integers(0, 100, layer.w) >= kept] = 0
    if layer.fill == "infinity":
        w[:, 0] = 0
        x[:, :: layer.w[1]] = np.inf
    return x, w


def expected(layer: Layer, x: NDArray[Any], w: NDArray[Any]) -> NDArray[Any]:
    if layer.kernel in ("words", "tables"):
        return reference(np.where(x > 0, 1, -1), w, layer.geometry)
    return direct(np.where(np.isfinite(x), x, 0).astype(np.float64), w.astype(np.float64), layer.geometry)


def between_guards(size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Memory, and `size` bytes in its middle, on a cache line."""
    whole = np.full(size + 2 * GUARD + LINE, BESIDE, np.uint8)
    begin = GUARD + -(whole.ctypes.data + GUARD) % LINE
    return whole, whole[begin : begin + size]


def right(layer: Layer) -> bool:
    """Whether the layer's result is exact, and what lies beside it and the workspace is left alone."""
    kernel = KERNELS[layer.kernel]
    x, w = operands(layer)
    wanted = expected(layer, x, w)
    packed = kernel.pack(w, layer.geometry)
    assert kernel.workspace is not None
    size = kernel.workspace(Shapes(layer.x, layer.w, layer.geometry), layer.threads)
    around, room = between_guards(size)
    beside, y = between_guards(4 * wanted.size)
    dtype = np.int32 if wanted.dtype == np.int32 else np.float32
    _, pixels = between_guards(x.nbytes)
    pixels = pixels.view(x.dtype).reshape(x.shape)
    pixels[...] = x
    y = y.view(dtype).reshape(wanted.shape)
    kernel.run(pixels, packed, layer.geometry, layer.threads, workspace=room, out=y)
    found = y.copy()
    y.view(np.uint8)[...] = BESIDE
    room[...] = BESIDE
    return np.array_equal(found, wanted) and bool((around == BESIDE).all() and (beside == BESIDE).all())


def parts_written(threads: int) -> bool:
    """Whether each thread writes to sums of its own."""
    layer = square("sparse-direct", 4, 40, 6, threads=threads)
    x, w = operands(layer)
    packed = sparse_direct.pack(w, layer.geometry)
    size = sparse_direct.workspace(Shapes(layer.x, layer.w, layer.geometry), threads)
    _, room = between_guards(size)
    sparse_direct.run(x, packed, layer.geometry, threads, workspace=room)
    lengths = sparse_direct.plan(
        (*layer.x[:2], 1, *layer.x[2:]), layer.w, sparse_direct.in_three_dimensions(layer.geometry), SPARSE, threads,
        matrix=False,
    ).scratch  # fmt: skip
    sums = sparse_direct.scratch(room, lengths, np.float32)["sums"].view(np.uint8).reshape(threads, -1)
    return bool((sums != BESIDE).any(axis=1).all())


KERNELS: dict[str, Kernel] = {
    "words": xnor.XNOR,
    "tables": xnor.XNOR,
    "sparse-direct": sparse_direct.SPARSE_DIRECT,
    "sparse-gemm": sparse_gemm.SPARSE_GEMM,
}
SETS = {"words": WORDS, "tables": TABLES, "sparse-direct": SPARSE, "sparse-gemm": SPARSE}
Checks = dict[str, Callable[[], bool]]
OF_KERNEL: dict[str, Checks] = {
    kernel: {name: lambda layer=layer: right(layer) for name, layer in layers(kernel).items()}
    for kernel, layers in {
        "words": binary_layers,
        "tables": binary_layers,
        "sparse-direct": sparse_layers,
        "sparse-gemm": sparse_layers,
    }.items()
}
OF_KERNEL["sparse-direct"] |= {f"a part of the sums each, {n} threads": lambda n=n: parts_written(n) for n in (2, 3)}


def one_channel_more(patch: Patch) -> None:
    """Bits that fill up the last word of weights are ones."""
    right_pack = xnor.pack

    def pack(w: NDArray[Any], geometry: Geometry) -> Any:
        more = np.ones((len(w), -w.shape[1] % 32, *w.shape[2:]), w.dtype)
        return replace(right_pack(np.concatenate([w, more], axis=1), geometry), shape=w.shape)

    patch.setitem(KERNELS, "words", replace(xnor.XNOR, pack=pack))


def padding_is_minus_one(patch: Patch) -> None:
    def run(x: NDArray[Any], packed: Any, g: Geometry, threads: int, *, out: Any, **more: Any) -> Any:
        none = (0,) * len(g.pads_begin)
        padded = np.pad(x, [(0, 0), (0, 0), *zip(g.pads_begin, g.pads_end)], constant_values=-1)
        return xnor.run(padded, packed, replace(g, pads_begin=none, pads_end=none), threads, out=out)

    for name in ("words", "tables"):
        patch.setitem(KERNELS, name, replace(xnor.XNOR, run=run))


def padding_counts_channels(patch: Patch) -> None:
    """A pair's second pixel meets tables beside the image as if they were pixels of no channel above 0."""
    wrong = signs.TABLES.replace("if 0 <= j < width:", "if 0 <= j:")
    assert wrong != signs.TABLES
    patch.setattr(signs, "TABLES", wrong)


def wrong_count(patch: Patch) -> None:
    found = signs.counts().copy()
    found[:256, 0, 5] = np.where(np.arange(256) % 16 == 3, 3, found[:256, 0, 5])
    patch.setattr(signs, "counts", lambda: found)


def sizes(module: Any, kind: str, **wrong: Callable[[Any], int]) -> Callable[[Patch], None]:
    """The lengths and distances that a loop takes, some of them wrong."""
    right_kind = getattr(module, kind)

    def plant(patch: Patch) -> None:
        def made(**given: Any) -> Any:
            found = right_kind(**given)
            return replace(found, **{name: value(found) for name, value in wrong.items()})

        patch.setattr(module, kind, made)

    return plant


def blocked(patch: Patch, **wrong: Callable[[Any], int]) -> None:
    right_blocking = xnor.blocking

    def blocking(*given: Any, **more: Any) -> Any:
        found = right_blocking(*given, **more)
        return replace(found, sizes=replace(found.sizes, **{k: value(found.sizes) for k, value in wrong.items()}))

    patch.setattr(xnor, "blocking", blocking)


def not_doubled(patch: Patch) -> None:
    """n − popcount: two bits that differ take one from the sum."""
    patch.setattr(binary, "constant", lambda type, value: binary_tables.constant(type, 0))


def zero_is_one(patch: Patch) -> None:
    def positive(b: Any, some: Any) -> Any:
        zeros = tile_signs.ir.Constant(some.type, None)
        compare = b.fcmp_ordered if some.type.element == tile_signs.F32 else b.icmp_signed
        return compare(">=", some, zeros)

    patch.setattr(tile_signs, "positive", positive)


def in_text(module: Any, name: str, what: str, instead: str) -> Callable[[Patch], None]:
    """A program's text, part of it another."""

    def plant(patch: Patch) -> None:
        text = getattr(module, name)
        assert what in text
        patch.setattr(module, name, text.replace(what, instead))

    return plant


def last_item_lost(module: Any) -> Callable[[Patch], None]:
    right_parts = module.in_parts

    def plant(patch: Patch) -> None:
        def parts(count: int, threads: int, *rest: Any) -> None:
            right_parts(count - (threads > 1), threads, *rest)

        patch.setattr(module, "in_parts", parts)

    return plant


def packs(change: Callable[[NDArray[Any], Any, Callable[..., Any]], Any]) -> Callable[[Patch], None]:
    """Weights of sparse direct convolution are packed otherwise."""

    def plant(patch: Patch) -> None:
        wrong = replace(KERNELS["sparse-direct"], pack=lambda w, geometry: change(w, geometry, sparse_direct.pack))
        patch.setitem(KERNELS, "sparse-direct", wrong)

    return plant


def zeros_kept(w: NDArray[Any], geometry: Geometry, pack: Callable[..., Any]) -> Any:
    """Every weight is in the lists."""
    found = pack(np.ones_like(w), geometry)
    return replace(found, arrays=found.arrays | {"values": w.ravel()})


def tail_of_a_list_skipped(patch: Patch) -> None:
    right_loop = sparse.loop

    def loop(b: Any, first: Any, last: Any, step: Any, carried: Any, body: Any) -> Any:
        tail = body.__name__ == "one" and carried
        return carried if tail else right_loop(b, first, last, step, carried, body)

    patch.setattr(sparse, "loop", loop)


def in_order_of_channels(patch: Patch) -> None:
    """Lists of equal length follow each other, and the tile is not told whose they are."""
    right_listed = sparse_direct.listed

    def listed(packed: Any, plan: Any) -> Any:
        found = right_listed(packed, plan)
        return replace(found, order=np.arange(len(found.order)) % packed.shape[0])

    patch.setattr(sparse_direct, "listed", listed)


def longer_pieces(patch: Patch) -> None:
    """The tail of a row runs into what lies behind it."""
    right_tables = sparse_direct.tables

    def tables(*given: Any) -> Any:
        tiles, pieces = right_tables(*given)
        pieces[:, 2] += 1
        return tiles, pieces

    patch.setattr(sparse_direct, "tables", tables)


def text_of_tiles(what: str, instead: str) -> Callable[[Patch], None]:
    right_text = sparse.tiles_text

    def plant(patch: Patch) -> None:
        def text(*given: Any) -> str:
            found = right_text(*given)
            assert what in found
            return found.replace(what, instead)

        patch.setattr(sparse, "tiles_text", text)

    return plant


@dataclass(frozen=True)
class Mistake:
    """What it does, whose checks it meets, and whether it changes the code of a program, not its text."""

    plant: Callable[[Patch], None]
    kernel: str
    emitted: bool = False


MISTAKES = {
    "a tail bit of the last word counted": Mistake(one_channel_more, "words"),
    "padding counted as −1, words": Mistake(padding_is_minus_one, "words"),
    "padding counted as −1, tables": Mistake(padding_is_minus_one, "tables"),
    "a pixel beside the image looked up": Mistake(padding_counts_channels, "tables"),
    "a count in the tables wrong": Mistake(wrong_count, "tables"),
    "sums of bytes overflow": Mistake(lambda patch: patch.setattr(xnor, "LONGEST", 64), "tables"),
    "sums of 16 bits overflow": Mistake(lambda patch: patch.setattr(xnor, "SHORT", 1 << 40), "tables"),
    "every group reads the first's bits": Mistake(lambda patch: blocked(patch, x_group=lambda s: 0), "words"),
    "every group reads the first's tables": Mistake(sizes(xnor, "Sizes", x_group=lambda s: 0), "tables"),
    "every block has the first's weights": Mistake(lambda patch: blocked(patch, w_block=lambda s: 0), "words"),
    "second pixels one pixel too far": Mistake(
        sizes(xnor, "PairSteps", y_second=lambda s: s.y_second + s.y_pixel), "tables"
    ),
    "popcount not doubled": Mistake(not_doubled, "words", emitted=True),
    "zero is above zero": Mistake(zero_is_one, "words", emitted=True),
    "a tail lane left in, words": Mistake(
        lambda patch: patch.setattr(output, "exists", lambda *given: nullcontext()), "words", emitted=True
    ),
    "a tail lane left in, tables": Mistake(
        lambda patch: patch.setattr(binary_tables, "exists", lambda *given: nullcontext()), "tables", emitted=True
    ),
    "the last item of several threads lost, binary": Mistake(last_item_lost(xnor), "words"),
    "weights that are zero kept": Mistake(packs(zeros_kept), "sparse-direct"),
    "weights below zero dropped": Mistake(
        packs(lambda w, geometry, pack: pack(np.maximum(w, 0), geometry)), "sparse-direct"
    ),
    "the tail of a list skipped": Mistake(tail_of_a_list_skipped, "sparse-direct", emitted=True),
    "lists taken for another channel's": Mistake(in_order_of_channels, "sparse-direct"),
    "the tail of a row run on": Mistake(longer_pieces, "sparse-direct"),
    "every group reads the first's planes": Mistake(sizes(sparse_direct, "Loops", group=lambda s: 0), "sparse-direct"),
    "every chunk reads the first's planes": Mistake(sizes(sparse_direct, "Loops", chunk=lambda s: 0), "sparse-direct"),
    "sums of a chunk lost": Mistake(text_of_tiles("chunk == 0, order", "1, order"), "sparse-direct"),
    "lines not cleared for another plane": Mistake(
        in_text(sparse, "SPREAD", "if item == first or channel == 0:", "if item == first:"), "sparse-gemm"
    ),
    "sums shared between threads": Mistake(text_of_tiles("workspace + part *", "workspace + 0 *"), "sparse-direct"),
    "the last item of several threads lost, sparse": Mistake(last_item_lost(sparse_direct), "sparse-direct"),
}


def forget() -> None:
    for cached in (
        *(program.compiled, xnor.plan, sparse_direct.plan),
        *(signs.bits_program, signs.tables_program, signs.counts_address),
    ):
        cached.cache_clear()
    sparse_direct._lists.clear()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all mistakes that do not touch what programs are made of."""
    return tmp_path_factory.mktemp("programs")


@pytest.fixture
def tiny(monkeypatch: Patch, folder: Path, kernel: str) -> Iterator[None]:
    """The smallest tile of the kernel, and a new folder for programs."""
    if kernel == "tables" and not LOOKS_UP:
        pytest.skip("bytes are looked up by instructions of x86 only")
    monkeypatch.setattr(table, "SETS", (*table.SETS, SETS[kernel]))
    monkeypatch.setattr(xnor.instructions, "chosen", lambda: SETS[kernel])
    monkeypatch.setattr(program, "folder", lambda: folder)
    forget()
    yield
    monkeypatch.undo()
    forget()


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("kernel", OF_KERNEL)
def test_the_checks_hold_without_a_mistake(kernel: str) -> None:
    assert [name for name, holds in OF_KERNEL[kernel].items() if not holds()] == []


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(("kernel", "name"), [(mistake.kernel, name) for name, mistake in MISTAKES.items()])
def test_each_mistake_is_caught_twice(kernel: str, name: str, monkeypatch: Patch) -> None:
    mistake = MISTAKES[name]
    if mistake.emitted:
        monkeypatch.setattr(program, "sources", lambda: name)
    mistake.plant(monkeypatch)
    caught = (check for check, holds in OF_KERNEL[kernel].items() if not holds())
    assert len(list(islice(caught, 2))) == 2
