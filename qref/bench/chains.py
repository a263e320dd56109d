"""Chains of vector instructions on registers and nothing else: what the peaks of a processor are measured by.

A link is what one chain does to its vector: a multiply-add, a dot product of bytes added to 32 bits, bits counted and
added up. The vector is data and sum at once, and no chain begins where its links leave it as it is, so that none can be
taken out of the loop. Instructions of x86 that LLVM might exchange for others are written as assembly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

from llvmlite import binding, ir
from numba import int64, njit
from numba.core import types
from numba.extending import intrinsic

from qref.bench.tile_products import TILE_PRODUCTS, TileProducts
from qref.kernels.instructions import features, tiles
from qref.kernels.ir import F32, I8, I32, I64, Value, constant, declared, multiply_add, vector

binding.initialize_native_asmparser()

CHAINS = 12
"""Enough to hide the latency of a unit, few enough for sixteen registers."""
FIRST = 3
"""What the first chain begins with, the next one with one more."""


@dataclass(frozen=True)
class Link:
    """One link of a chain.

    name: the instruction that does the work. dtype: of a bench. needs: LLVM's names of the features. element, lanes: of
    the vector. macs: multiply-adds that it counts for. link: (builder, vector) → the vector after it.
    """

    name: str
    dtype: str
    needs: tuple[str, ...]
    element: Any
    lanes: int
    macs: int
    link: Callable[[ir.IRBuilder, Value], Value]

    @property
    def macs_of_round(self) -> int:
        """Multiply-adds of a link of each chain."""
        return CHAINS * self.macs

    def emit(self, b: ir.IRBuilder, rounds: Value) -> Value:
        """The loop of so many rounds, and the sum of all lanes of all chains as int64; of floats, their bits."""
        type = vector(self.element, self.lanes)
        before, loop, after = b.block, b.append_basic_block(), b.append_basic_block()
        b.branch(loop)
        b.position_at_end(loop)
        i, totals = b.phi(I64), [b.phi(type) for _ in range(CHAINS)]
        following = [self.link(b, total) for total in totals]
        next_i = b.add(i, I64(1))
        i.add_incoming(I64(0), before)
        i.add_incoming(next_i, loop)
        for k in range(CHAINS):
            totals[k].add_incoming(constant(type, float(FIRST + k) if self.element is F32 else FIRST + k), before)
            totals[k].add_incoming(following[k], loop)
        b.cbranch(b.icmp_signed("<", next_i, rounds), loop, after)
        b.position_at_end(after)
        add = b.fadd if self.element is F32 else b.add
        lanes = [b.extract_element(reduce(add, following), I32(lane)) for lane in range(self.lanes)]
        total = reduce(add, lanes)
        if self.element is F32:
            total = b.bitcast(total, I32)
        return total if self.element is I64 else b.sext(total, I64)


def multiply_added(b: ir.IRBuilder, total: Value) -> Value:
    """total · ½ + total."""
    return multiply_add(b, total, constant(total.type, 0.5), total)


def dotted(assembly: str, register: str) -> Callable[[ir.IRBuilder, Value], Value]:
    """An instruction of x86 that adds dot products of bytes to its target $0; $1 are bytes of 1."""

    def link(b: ir.IRBuilder, total: Value) -> Value:
        type = total.type
        function = ir.FunctionType(type, [type, type])
        return b.call(ir.InlineAsm(function, assembly, f"={register},{register},0"), [ones(type, 8), total])

    return link


def dotted_on_arm(name: str) -> Callable[[ir.IRBuilder, Value], Value]:
    """An instruction of ARM that adds dot products of bytes to its target; one factor are bytes of 1."""

    def link(b: ir.IRBuilder, total: Value) -> Value:
        type, bytes_ = total.type, vector(I8, 16)
        f = declared(b, f"llvm.aarch64.neon.{name}.v4i32.v16i8", type, [type, bytes_, bytes_])
        return b.call(f, [total, b.bitcast(total, bytes_), constant(bytes_, 1)])

    return link


def multiplied(b: ir.IRBuilder, name: str, x: Value, y: Value) -> Value:
    """An instruction of x86 with two sources."""
    function = ir.FunctionType(x.type, [x.type, y.type])
    return b.call(ir.InlineAsm(function, f"{name} $2, $1, $0", "=v,v,v" if wide(x) else "=x,x,x"), [x, y])


def wide(x: Value) -> bool:
    """Whether it takes a register of AVX-512."""
    return bool(x.type.count * x.type.element.width == 512)


def ones(type: Any, width: int) -> Value:
    """A vector of int32 that holds ones of so many bits."""
    return constant(type, sum(1 << place for place in range(0, 32, width)))


def words(b: ir.IRBuilder, total: Value) -> Value:
    """total + the sums of its neighbours of 16 bits (vpmaddwd, vpaddd)."""
    return b.add(total, multiplied(b, "vpmaddwd", total, ones(total.type, 16)))


def saturated(b: ir.IRBuilder, total: Value) -> Value:
    """total + the sums of its four bytes, in pairs of 16 bits at first, which can saturate (vpmaddubsw, vpmaddwd)."""
    pairs = multiplied(b, "vpmaddubsw", total, ones(total.type, 8))
    return b.add(total, multiplied(b, "vpmaddwd", pairs, ones(total.type, 16)))


def multiplied_and_added(b: ir.IRBuilder, total: Value) -> Value:
    """total · total + total, lane by lane: what is left without dot products."""
    return b.add(b.mul(total, total), total)


def counted(b: ir.IRBuilder, total: Value) -> Value:
    """total + the number of places in which it differs from a constant, lane by lane."""
    differing = b.xor(total, constant(total.type, 0x55))
    return b.add(total, b.call(declared(b, f"llvm.ctpop.{suffix(total)}", total.type, [total.type]), [differing]))


def suffix(x: Value) -> str:
    """v32i8."""
    return f"v{x.type.count}i{x.type.element.width}"


def looked_up(b: ir.IRBuilder, total: Value) -> Value:
    """total + a sum of four signs for each of its bytes, from a table of sixteen (vpshufb, vpaddb)."""
    table = ir.Constant(total.type, [4 - 2 * (i % 16).bit_count() for i in range(total.type.count)])
    return b.add(total, multiplied(b, "vpshufb", table, total))


AVX512 = ("avx512f", "avx512bw")
LINKS = (
    Link("fma, 512 bits", "float32", ("avx512f",), F32, 16, 16, multiply_added),
    Link("fma, 256 bits", "float32", ("avx2", "fma"), F32, 8, 8, multiply_added),
    Link("multiply and add, 128 bits", "float32", (), F32, 4, 4, multiply_added),
    Link("vpdpbusd, 512 bits", "int8", ("avx512vnni",), I32, 16, 64, dotted("vpdpbusd $1, $0, $0", "v")),
    Link("vpdpbusd, 256 bits", "int8", ("avxvnni",), I32, 8, 32, dotted("{vex} vpdpbusd $1, $0, $0", "x")),
    Link("vpmaddubsw, 512 bits", "int8", AVX512, I32, 16, 64, saturated),
    Link("vpmaddwd, 512 bits", "int8", AVX512, I32, 16, 32, words),
    Link("vpmaddubsw, 256 bits", "int8", ("avx2",), I32, 8, 32, saturated),
    Link("vpmaddwd, 256 bits", "int8", ("avx2",), I32, 8, 16, words),
    Link("smmla", "int8", ("neon", "i8mm"), I32, 4, 32, dotted_on_arm("smmla")),
    Link("sdot", "int8", ("neon", "dotprod"), I32, 4, 16, dotted_on_arm("sdot")),
    Link("multiply and add, 128 bits", "int8", (), I32, 4, 4, multiplied_and_added),
    Link("vpopcntq, 512 bits", "binary", ("avx512vpopcntdq",), I64, 8, 512, counted),
    Link("vpshufb, 512 bits", "binary", AVX512, I8, 64, 256, looked_up),
    Link("vpshufb, 256 bits", "binary", ("avx2",), I8, 32, 128, looked_up),
    Link("bits counted, 128 bits", "binary", (), I8, 16, 128, counted),
)
"""What there is for each dtype; of two ways to one end both. ARM counts bits by cnt; x86 looks them up faster."""


def available(dtype: str) -> tuple[Link | TileProducts, ...]:
    """The ways to a dtype's peak that this machine has."""
    found = tuple(link for link in LINKS if link.dtype == dtype and features().issuperset(link.needs))
    tiled = dtype == TILE_PRODUCTS.dtype and features().issuperset(TILE_PRODUCTS.needs) and tiles.given()
    return (TILE_PRODUCTS, *found) if tiled else found


@cache
def compiled(way: Link | TileProducts) -> Callable[[int], int]:
    """loop(rounds): so many rounds of a way; gives the sum of what is left, so that nothing is left out."""

    @intrinsic
    def chains(typingctx: Any, rounds: Any) -> Any:
        def codegen(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            return way.emit(builder, arguments[0])

        return types.int64(types.int64), codegen

    @njit(int64(int64), nogil=True)
    def loop(rounds: int) -> Any:
        return chains(rounds)  # type: ignore[call-arg]

    made: Callable[[int], int] = loop
    return made
