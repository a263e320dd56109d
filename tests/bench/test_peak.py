"""Peaks: each link of a chain gives what its instruction gives, none is taken out of the loop, and times make sense."""

import platform
import re
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")
from llvmlite import binding, ir

from qref.bench.chains import CHAINS, FIRST, LINKS, Link, available, compiled
from qref.bench.peak import gops, peak_gops
from qref.bench.tile_products import LANES, ROW, SUMS, TILE_PRODUCTS, TileProducts
from qref.kernels.instructions import tiles
from qref.kernels.ir import I64
from qref.kernels.listing import TARGETS, innermost_loops, spills

ON_X86 = platform.machine() in ("x86_64", "AMD64")
DTYPES = ("float32", "int8", "binary")
TYPES = {("float32", 32): np.float32, ("int8", 32): np.int32, ("binary", 8): np.int8, ("binary", 64): np.int64}

INSTRUCTIONS = {
    "fma": "vfmadd",
    "multiply and add": "fmla|mul|vfmadd",
    "vpdpbusd": "vpdpbusd",
    "vpmaddubsw": "vpmaddubsw",
    "vpmaddwd": "vpmaddwd",
    "smmla": "smmla",
    "sdot": "sdot",
    "vpopcntq": "vpopcntq",
    "vpshufb": "vpshufb",
    "bits counted": "cnt|vpxor",
}


def named(link: Link) -> str:
    return f"{link.dtype}: {link.name}"


def links(wanted: Any) -> Any:
    return pytest.mark.parametrize("link", [link for link in LINKS if wanted(link)], ids=named)


def after(link: Link, total: np.ndarray) -> np.ndarray:
    """A vector after one link, by NumPy."""
    kind = link.name.partition(",")[0]
    if link.dtype == "float32":
        return total * np.float32(0.5) + total
    if kind == "multiply and add":
        return total * total + total
    if kind == "vpmaddwd":
        return total + total.view(np.int16).reshape(-1, 2).sum(1, dtype=np.int32)
    if kind == "vpmaddubsw":
        return total + total.view(np.uint8).reshape(-1, 4).sum(1, dtype=np.int32)
    if kind == "vpdpbusd":  # signed bytes times unsigned ones, or the other way round: all are small here
        return total + total.view(np.int8).reshape(-1, 4).sum(1, dtype=np.int32)
    if kind == "sdot":
        return total + total.view(np.int8).reshape(-1, 4).sum(1, dtype=np.int32)
    if kind == "smmla":
        return total + np.repeat(total.view(np.int8).reshape(2, 8).sum(1, dtype=np.int32), 2)
    if kind == "vpshufb":
        return total + np.array([4 - 2 * (int(v) & 15).bit_count() for v in total], total.dtype)
    return total + np.bitwise_count(total ^ 0x55).astype(total.dtype)


@pytest.mark.parametrize("rounds", [1, 2])
@pytest.mark.parametrize(
    "link",
    [link for dtype in DTYPES for link in available(dtype) if isinstance(link, Link)],
    ids=named,
)
def test_a_chain_gives_what_its_instructions_give(link: Link, rounds: int) -> None:
    type = TYPES[link.dtype, getattr(link.element, "width", 32)]
    totals = [np.full(link.lanes, FIRST + k, type) for k in range(CHAINS)]
    for _ in range(rounds):
        totals = [after(link, total) for total in totals]
    whole = np.sum(totals, dtype=type)
    expected = whole.view(np.int32) if link.dtype == "float32" else whole
    assert compiled(link)(rounds) == int(expected)


def target_of(link: Link) -> str:
    if {"neon"} & set(link.needs):
        return "i8mm"
    return "vnni" if "512" in link.name else "avx-vnni" if "avxvnni" in link.needs else "avx2"


def loops(way: Link | TileProducts, target: str) -> list[list[str]]:
    """The innermost loops of the chains, as machine code for a processor."""
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    given = TARGETS[target]
    machine = binding.Target.from_triple(given.triple).create_target_machine(cpu=given.cpu, opt=3)
    module = ir.Module()
    module.triple, module.data_layout = given.triple, str(machine.target_data)
    function = ir.Function(module, ir.FunctionType(I64, [I64]), "chains")
    b = ir.IRBuilder(function.append_basic_block())
    b.ret(way.emit(b, function.args[0]))
    parsed = binding.parse_assembly(str(module))
    passes = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(3))
    passes.getModulePassManager().run(parsed, passes)
    return innermost_loops(machine.emit_assembly(parsed))


@links(lambda link: ON_X86 or "neon" in link.needs or not link.needs)
def test_no_chain_is_taken_out_of_the_loop(link: Link) -> None:
    """LLVM finds a sum that its link does not change, and leaves the chain out: the peak would look higher."""
    for target in [target_of(link), *(["neon"] if not link.needs else [])] if ON_X86 else ["neon"]:
        [loop] = loops(link, target)
        instruction = INSTRUCTIONS[link.name.partition(",")[0]]
        count = sum(bool(re.search(instruction, line)) for line in loop)
        assert count and count % CHAINS == 0, (target, loop)
        if target == target_of(link) and link.needs:  # for other processors it is second best
            assert not spills(loop)


@pytest.mark.skipif(not ON_X86, reason="LLVM's code for another kind of processor")
def test_products_of_tiles_are_all_that_is_in_their_loop() -> None:
    found = loops(TILE_PRODUCTS, "amx")
    assert found
    for *products, _, jump in found:  # LLVM unrolls one
        sums = [f"tdpbusd\t%tmm7, %tmm6, %tmm{i}" for i in range(SUMS)]
        assert products == sums * (len(products) // SUMS)
        assert jump.startswith("j")


def test_products_of_tiles_count_where_linux_gives_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qref.bench.chains.features", lambda: frozenset(TILE_PRODUCTS.needs))
    for given in (True, False):
        monkeypatch.setattr(tiles, "given", lambda given=given: given)
        assert (TILE_PRODUCTS in available("int8")) is given
        assert TILE_PRODUCTS not in available("binary")


@pytest.mark.skipif(TILE_PRODUCTS not in available("int8"), reason="the processor has no AMX")
def test_products_of_tiles_give_what_they_should() -> None:
    for rounds in (1, 5):
        assert compiled(TILE_PRODUCTS)(rounds) == rounds * SUMS * LANES * ROW


def test_the_peak_is_that_of_the_best_way() -> None:
    for dtype in DTYPES:
        best, name = peak_gops(dtype)
        assert best > 0
        assert name in {link.name for link in available(dtype)}
    [slow] = [link for link in available("float32") if not link.needs]
    assert peak_gops("float32")[0] > 0.7 * gops(slow, 1)


def test_a_machine_has_a_way_for_every_dtype(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qref.bench.chains.features", frozenset)
    for dtype in DTYPES:
        [link] = available(dtype)
        assert gops(link, 1) > 0
