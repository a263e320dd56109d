"""AMX: the tile's machine code, what it computes, where it is used, and the request for its registers.

What it computes is shown on every machine: an instruction is then a call of a model of it, and what a processor would
refuse is an error. Where the processor has AMX, the same is shown on it.
"""

import ctypes
import platform
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from llvmlite import ir
from numpy.typing import NDArray

from qref.conv import layouts
from qref.conv.geometry import Geometry
from qref.conv.zero_point import int8_direct as reference

pytest.importorskip("numba")
from qref.kernels import instructions, listing, program
from qref.kernels.conv import blocking, int8_direct, int8_gemm
from qref.kernels.conv.int8_direct import Fp32
from qref.kernels.instructions import choose, table, tiles
from qref.kernels.ir import I8, I64, POINTER
from qref.kernels.layout import NCHW, NHWC, Layout
from qref.kernels.listing import TARGETS
from qref.kernels.tile import amx, tables
from qref.kernels.tile import program as tile_program
from qref.kernels.tile.register_tile import RegisterTile

NAMES = ("ldtilecfg", "tilezero", "tileloadd64", "tdpbusd", "tilestored64", "tilerelease")


@dataclass
class Registers:
    """Eight registers by Intel's manual. rows, row: how many rows of how many bytes each has; None: not configured."""

    rows: list[int] | None = None
    row: list[int] | None = None
    data: NDArray[np.uint8] = field(default_factory=lambda: np.full((8, 16, 64), 0xA5, np.uint8))

    def ldtilecfg(self, address: int, *_: int) -> None:
        given = bytes_at(address, 64)
        assert given[0] == 1 and not given[1:16].any()
        assert not given[32:48].any() and not given[56:].any()
        self.row, self.rows = given[16:32].view(np.uint16).tolist(), given[48:56].tolist()
        assert all((0 < n <= 16 and 0 < m <= 64) or n == m == 0 for n, m in zip(self.rows, self.row))
        self.data[:] = 0

    def shape(self, register: int) -> tuple[int, int]:
        assert self.rows is not None and self.row is not None and self.rows[register]
        return self.rows[register], self.row[register]

    def tilezero(self, register: int, *_: int) -> None:
        assert self.shape(register)
        self.data[register] = 0

    def tileloadd64(self, register: int, address: int, stride: int) -> None:
        rows, row = self.shape(register)
        self.data[register] = 0
        for r in range(rows):
            self.data[register, r, :row] = bytes_at(address + r * stride, row)

    def tilestored64(self, register: int, address: int, stride: int) -> None:
        rows, row = self.shape(register)
        for r in range(rows):
            bytes_at(address + r * stride, row)[:] = self.data[register, r, :row]

    def tdpbusd(self, sums: int, left: int, right: int) -> None:
        (m, n), (rows, k), (words, row) = (self.shape(register) for register in (sums, left, right))
        assert m == rows and k == 4 * words and n == row
        a = self.data[left, :m, :k].astype(np.int32)
        b = self.data[right, :words, :row].view(np.int8).reshape(words, -1, 4).transpose(0, 2, 1).reshape(k, -1)
        self.data[sums, :m, :n].view(np.int32)[:] += a @ b.astype(np.int32)

    def tilerelease(self, *_: int) -> None:
        assert self.rows is not None
        self.rows = self.row = None


def bytes_at(address: int, count: int) -> NDArray[np.uint8]:
    return np.frombuffer((ctypes.c_uint8 * count).from_address(address), np.uint8)


THREADS: dict[int, Registers] = {}
REFUSED: list[Exception] = []


@ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * 4)
def executed(name: int, *operands: int) -> None:
    """An instruction on the thread's own registers; an exception would be lost in the code that calls this."""
    try:
        getattr(THREADS.setdefault(threading.get_ident(), Registers()), NAMES[name])(*operands)
    except Exception as error:
        REFUSED.append(error)


def modelled(b: ir.IRBuilder, name: str, *arguments: Any) -> None:
    """In place of `amx.call`: a call of the model."""
    numbers = [
        b.ptrtoint(one, I64) if one.type == POINTER else b.zext(one, I64) if one.type == I8 else one
        for one in arguments
    ]
    numbers = [I64(NAMES.index(name)), *numbers, *[I64(0)] * (3 - len(numbers))]
    function = ir.PointerType(ir.FunctionType(ir.VoidType(), [I64] * 4))
    b.call(b.inttoptr(I64(ctypes.cast(executed, ctypes.c_void_p).value), function), numbers)


HERE = any(one.name == "amx" for one in instructions.available())


@pytest.fixture(scope="module", params=["model", "processor"])
def machine(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "processor" and not HERE:
        pytest.skip("this processor has no AMX")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instructions, "chosen", lambda: table.named("amx"))
        if request.param == "model":
            patch.setattr(amx, "call", modelled)
            # the address of the model is in the code, which must not be found by another process
            patch.setattr(tile_program, "LOOP", tile_program.LOOP.replace("cache=True", "cache=False"))
        int8_direct.plan.cache_clear()
        yield
    int8_direct.plan.cache_clear()


@dataclass(frozen=True)
class Case:
    """A convolution of 8-bit integers in two dimensions, in NCHW, and the layouts that it is done in."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    layouts: tuple[Layout, Layout] = (NHWC, NHWC)
    requantized: bool = False
    threads: int = 1
    seed: int = 0


@st.composite
def cases(draw: st.DrawFn) -> Case:
    def pair(low: int, high: int) -> tuple[int, int]:
        return draw(st.integers(low, high)), draw(st.integers(low, high))

    k, group = pair(1, 3), draw(st.sampled_from([1, 1, 2]))
    geometry = Geometry(k, pair(1, 2), pair(1, 2), pair(0, 3), pair(0, 3), group)
    C, M, N = draw(st.sampled_from([64, 64, 128])), draw(st.integers(1, 40)), draw(st.integers(1, 2))
    image = draw(st.integers(5, 6)), draw(st.integers(5, 40))
    out, requantized = draw(st.sampled_from([(NHWC, True), (NCHW, False)]))  # two programs
    return Case(
        (N, group * C, *image), (group * M, C, *k), geometry, (draw(st.sampled_from([NHWC, NCHW])), out), requantized,
        draw(st.sampled_from([1, 2])), draw(st.integers(0, 2**32)),
    )  # fmt: skip


def operands(case: Case) -> tuple[Any, ...]:
    """x, w, their zero points, and bias; weights less their zero points fit int8."""
    rng = np.random.default_rng(case.seed)
    x_type, w_type = (np.dtype(rng.choice(["int8", "uint8"])) for _ in range(2))
    low, high = np.iinfo(w_type).min, np.iinfo(w_type).max
    z_w = rng.integers(low, high, case.w[0], endpoint=True)
    ends = (z.reshape(-1, 1, 1, 1) for z in (np.maximum(low, z_w - 128), np.minimum(high, z_w + 127)))
    w = rng.integers(*ends, case.w, endpoint=True).astype(w_type)
    x = rng.integers(np.iinfo(x_type).min, np.iinfo(x_type).max, case.x, x_type, endpoint=True)
    z_x = int(rng.integers(np.iinfo(x_type).min, np.iinfo(x_type).max, endpoint=True))
    return x, w, z_x, z_w, rng.integers(-(2**31), 2**31, case.w[0]).astype(np.int32)


def check(case: Case) -> None:
    x, w, z_x, z_w, bias = operands(case)
    sums = reference(x, w, case.geometry, z_x, z_w) + bias.reshape(-1, 1, 1)
    expected, end = sums, None
    if case.requantized:
        scale = np.float32(2.0) ** -np.arange(12, 28, dtype=np.float32)[np.arange(len(w)) % 16] * np.float32(1.7)
        end = Fp32(scale, 3, -128, 127, "int8")
        real = np.clip(sums.astype(np.float32) * scale.reshape(-1, 1, 1), np.float32(-131), np.float32(124))
        expected = (np.rint(real) + 3).astype(np.int8)
    into, out = case.layouts
    image = np.ascontiguousarray(layouts.channels_last(x)) if into.last else x
    packed = int8_direct.pack(w, case.geometry, z_w)
    assert packed.arrays["w"].dtype == np.int8
    found = int8_direct.int8_direct(
        image, packed, case.geometry, case.threads, z_x=z_x, bias=bias, end=end, layouts=case.layouts
    )
    assert REFUSED == []
    assert found.dtype == expected.dtype
    assert np.array_equal(layouts.channels_first(found) if out.last else found, expected)


def square(C: int, M: int, height: int, width: int, k: int, pad: int, **rest: Any) -> Case:
    geometry = Geometry((k, k), (1, 1), (1, 1), (pad, pad), (pad, pad))
    return Case((1, C, height, width), (M, C, k, k), geometry, **rest)


@settings(max_examples=12)
@example(case=square(64, 33, 1, 63, 1, 0, layouts=(NHWC, NCHW)))
@example(case=square(64, 32, 2, 40, 3, 2, requantized=True))
@given(case=cases())
def test_exactly(machine: None, case: Case) -> None:
    check(case)


@pytest.mark.parametrize(
    "case",
    [
        square(128, 40, 3, 23, 3, 1, layouts=(NHWC, NCHW), requantized=True),  # rows of 1, 11 and 10, 1 pixels
        square(64, 32, 1, 45, 1, 0),  # 23 and 22 pixels, each in two registers
    ],
    ids=["3x3", "1x1"],
)
def test_a_program_of_its_own_exactly(machine: None, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "OWN_PROGRAM", 0)
    int8_direct.plan.cache_clear()
    check(case)
    int8_direct.plan.cache_clear()


def test_columns_in_whole_rows_exactly(machine: None) -> None:
    """im2col's: 16 channels of four taps."""
    case = Case((2, 16, 4, 9), (5, 16, 2, 2), Geometry((2, 2), (1, 1), (1, 1), (1, 1), (0, 1)), seed=5)
    x, w, z_x, z_w, bias = operands(case)
    packed = int8_gemm.pack(w, case.geometry, z_w)
    assert packed.arrays["w"].size == 64 * 32  # one tap of 64 channels, by a tile of 32
    found = int8_gemm.int8_gemm(x, packed, case.geometry, z_x=z_x, bias=bias)
    assert REFUSED == []
    assert np.array_equal(found, reference(x, w, case.geometry, z_x, z_w) + bias.reshape(-1, 1, 1))


def test_the_largest_sums_are_exact(machine: None) -> None:
    x, w = np.full((1, 1, 18, 64), 255, np.uint8), np.full((2, 64, 1, 1), -128, np.int8)
    w[1] = 127
    geometry = Geometry((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))
    packed = int8_direct.pack(w, geometry)
    y = int8_direct.int8_direct(x, packed, geometry, layouts=(NHWC, NCHW))
    assert (y[0, 0] == -64 * 255 * 128).all()
    assert (y[0, 1] == 64 * 255 * 127).all()


def test_the_model_refuses_what_a_processor_does() -> None:
    registers = Registers()
    with pytest.raises(AssertionError):
        registers.tilezero(0)
    data = np.zeros(64, np.uint8)
    data[0], data[16:22:2], data[48:51] = 1, 64, (3, 4, 16)
    registers.ldtilecfg(data.ctypes.data)
    registers.tilezero(0)
    with pytest.raises(AssertionError):  # sums of 3 pixels, 4 pixels
        registers.tdpbusd(0, 1, 2)
    with pytest.raises(AssertionError):
        registers.tilezero(3)
    data[0] = 2
    with pytest.raises(AssertionError):
        registers.ldtilecfg(data.ctypes.data)


def text_of(name: str, channels: int, weights: str = "vnni-512") -> str:
    """The program of a layer of the instruction set, as text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "compiled", lambda text: text)
        geometry = Geometry((1, 1, 3), (1, 1, 1), (1, 1, 1), (0, 0, 1), (0, 0, 1))
        w = (8, channels, *geometry.kernel)
        found = int8_direct.plan.__wrapped__(
            (1, channels, 1, 1, 9), w, geometry, table.named(name), weights, NHWC, False
        )
        return str(found.kernel)


@pytest.mark.parametrize(
    ("name", "channels", "weights", "kind"),
    [
        ("amx", 64, "vnni-512", "amx"), ("amx", 192, "vnni-512", "amx"), ("amx", 60, "vnni-512", "int8"),
        ("amx", 96, "vnni-512", "int8"), ("amx", 0, "vnni-512", "int8"), ("amx", 64, "words", "int8"),
        ("vnni", 64, "vnni-512", "int8"),
    ],
)  # fmt: skip
def test_whole_rows_of_bytes_meet_its_tile_and_all_else_the_other(
    name: str, channels: int, weights: str, kind: str
) -> None:
    assert set(re.findall(r"= (amx|int8)\.tile\(", text_of(name, channels, weights))) == {kind}


INSTRUCTION = re.compile(r"^\s+(ldtilecfg|tile\w+|tdpbusd)", re.M)


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize("pixels", [1, 16, 17, 32])
def test_products_of_registers_are_the_inner_loop_and_nothing_is_spilled(pixels: int, planes: bool) -> None:
    shape = RegisterTile(pixels, 2, planes=planes)
    text = listing.assembly(amx.tile(shape, None, requantized=True), TARGETS["amx"])
    loops = [loop for loop in listing.innermost_loops(text) if any("tdpbusd" in line for line in loop)]
    assert loops  # several, where LLVM unrolls the taps around them
    pieces = -(-pixels // 16)
    for loop in loops:
        names = [found[1] for line in loop if (found := INSTRUCTION.match("\t" + line))]
        assert (names.count("tdpbusd"), names.count("tileloadd")) == (2 * pieces, 2 + pieces)
        assert len(names) == 3 * pieces + 2
        assert len(loop) <= len(names) + 7  # pointers, and the loop itself
        assert listing.spills(loop) == []


def test_registers_are_configured_first_and_released_last() -> None:
    """LLVM keeps the order: no register is met outside, and none is stored within."""
    text = listing.assembly(amx.tile(RegisterTile(32, 2), None, requantized=False), TARGETS["amx"])
    names = INSTRUCTION.findall(text)
    zeros, stores = ["tilezero"] * 4, ["tilestored"] * 4
    assert names[:5] == ["ldtilecfg", *zeros] and names[-5:] == [*stores, "tilerelease"]
    assert set(names[5:-5]) == {"tileloadd", "tdpbusd"}


@given(
    widths=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(1, 70)), max_size=5),
    most=st.integers(1, 40),
)
def test_a_row_is_cut_where_taps_change(widths: list[tuple[int, int, int]], most: int) -> None:
    spans = [(first, first + count) for first, count, times in widths for _ in range(times)]
    like = RegisterTile(1, 2)
    kinds, runs = tables.alike(spans, most, like)
    met = []
    for run in runs:
        tile = kinds[run.kind]
        assert tile == replace(like, pixels=tile.pixels) and tile.pixels <= most
        assert run.pixel == len(met)
        met += [run.span] * (run.times * tile.pixels)
    assert met == spans
    assert len(kinds) == len(set(kinds))


class Kernel:
    """An operating system that gives registers, or not, and keeps what it was asked."""

    def __init__(self, answer: int) -> None:
        self.answer, self.asked = answer, list[tuple[int, ...]]()

    def library(self, name: str | None) -> SimpleNamespace:
        assert name is None
        return SimpleNamespace(syscall=self.syscall)

    def syscall(self, *numbers: int) -> int:
        self.asked.append(numbers)
        return self.answer


@pytest.fixture
def processor_with_amx(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Of Linux on x86-64, whatever this one is."""
    monkeypatch.setattr(choose, "features", lambda: frozenset(table.named("amx").needs))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.delenv("QREF_KERNELS", raising=False)
    tiles.given.cache_clear()
    yield monkeypatch
    tiles.given.cache_clear()


@pytest.mark.parametrize(("answer", "best"), [(0, "amx"), (-1, "vnni")])
def test_linux_is_asked_once_and_its_answer_holds(
    processor_with_amx: pytest.MonkeyPatch, answer: int, best: str
) -> None:
    kernel = Kernel(answer)
    processor_with_amx.setattr(ctypes, "CDLL", kernel.library)
    assert choose.chosen().name == best
    assert ("amx" in [one.name for one in choose.available()]) == (answer == 0)
    assert kernel.asked == [(158, 0x1023, 18)]


@pytest.mark.parametrize(("system", "machine"), [("win32", "AMD64"), ("linux", "aarch64"), ("darwin", "x86_64")])
def test_where_nobody_is_to_be_asked_there_is_none(
    processor_with_amx: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    kernel = Kernel(0)
    processor_with_amx.setattr(ctypes, "CDLL", kernel.library)
    processor_with_amx.setattr(sys, "platform", system)
    processor_with_amx.setattr(platform, "machine", lambda: machine)
    assert choose.chosen().name == "vnni"
    assert kernel.asked == []


def test_a_processor_without_amx_is_not_asked_about_it(processor_with_amx: pytest.MonkeyPatch) -> None:
    kernel = Kernel(0)
    processor_with_amx.setattr(ctypes, "CDLL", kernel.library)
    processor_with_amx.setattr(choose, "features", lambda: frozenset(table.named("vnni").needs))
    assert choose.chosen().name == "vnni"
    assert kernel.asked == []
