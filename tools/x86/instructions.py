"""Do the vector instructions that qref's kernels are made of compute what their manual says? Run inside the emulator.

Each is called through a Numba intrinsic on numbers that include the extremes, and compared with NumPy. Prints one row
an instruction; exit code 1 where one differs. What the processor has not is left out.
"""

import ctypes
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

SIZE, TILE = 64, 1024
RNG = np.random.default_rng(6)
I8, I32, I64, PTR = ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.PointerType(ir.IntType(8))


def call(builder: ir.IRBuilder, name: str, result: ir.Type, *arguments: ir.Value) -> ir.Value:
    signature = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), arguments)


def loop_over(emit: Callable[[ir.IRBuilder, list[ir.Value]], None]) -> Callable[..., None]:
    """A compiled function of the arrays d, a, b: what `emit` does with their addresses."""

    @intrinsic
    def run(typing_context: Any, d: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            arrays = zip(signature.args, arguments, strict=True)
            data = [context.make_array(kind)(context, builder, value).data for kind, value in arrays]
            emit(builder, [builder.bitcast(pointer, PTR) for pointer in data])
            return context.get_dummy_value()

        return types.none(d, a, b), generate

    @njit
    def outer(d: Any, a: Any, b: Any) -> None:
        run(d, a, b)

    return outer


def vector(name: str, bits: int) -> Callable[..., None]:
    """d = NAME(d, a, b) on vectors of `bits` bits."""

    def emit(builder: ir.IRBuilder, data: list[ir.Value]) -> None:
        kind = ir.VectorType(I32, bits // 32)
        d, a, b = (builder.load(builder.bitcast(pointer, kind.as_pointer()), align=1) for pointer in data)
        answer = call(builder, name, kind, d, a, b)
        builder.store(answer, builder.bitcast(data[0], kind.as_pointer()), align=1)

    return loop_over(emit)


def popcount(builder: ir.IRBuilder, data: list[ir.Value]) -> None:
    kind = ir.VectorType(I64, 8)
    a = builder.load(builder.bitcast(data[1], kind.as_pointer()), align=1)
    answer = call(builder, "llvm.ctpop.v8i64", kind, a)
    builder.store(answer, builder.bitcast(data[0], kind.as_pointer()), align=1)


def tiles(name: str) -> Callable[..., None]:
    """d = d + a·b on tiles of 16 rows of 64 bytes; a's address is followed by that of the configuration."""

    def emit(builder: ir.IRBuilder, data: list[ir.Value]) -> None:
        number = [ir.Constant(I8, tile) for tile in range(3)]
        stride, void = ir.Constant(I64, 64), ir.VoidType()
        configuration = builder.gep(data[1], [ir.Constant(I64, TILE)])
        call(builder, "llvm.x86.ldtilecfg", void, configuration)
        for tile, pointer in zip(number, data, strict=True):
            call(builder, "llvm.x86.tileloadd64", void, tile, pointer, stride)
        call(builder, f"llvm.x86.{name}", void, *number)
        call(builder, "llvm.x86.tilestored64", void, number[0], data[0], stride)
        call(builder, "llvm.x86.tilerelease", void)

    return loop_over(emit)


def numbers(kind: str, size: int) -> np.ndarray:
    """Bytes as numbers of the type `kind`, the two extremes more often than chance has them."""
    least, most = np.iinfo(kind).min, np.iinfo(kind).max
    drawn = RNG.integers(least, most, size, kind, endpoint=True)
    return np.where(RNG.random(size) < 0.3, RNG.choice(np.array([least, most], kind), size), drawn)


def dot_products(d: np.ndarray, a: np.ndarray, b: np.ndarray, saturated: bool) -> np.ndarray:
    group = 4 // a.itemsize
    products = (a.astype(np.int64) * b.astype(np.int64)).reshape(-1, group).sum(axis=1) + d
    return (np.clip(products, -(2**31), 2**31 - 1) if saturated else products).astype(np.int32)


def holds(name: str, bits: int, kinds: tuple[str, str]) -> bool:
    run, saturated = vector(f"llvm.x86.{name}.{bits}", bits), name.endswith("s")
    for _ in range(50):
        size = bits // 8
        a, b = (numbers(kind, size // np.dtype(kind).itemsize) for kind in kinds)
        d = numbers("int32", bits // 32)
        wanted = dot_products(d, a, b, saturated)
        run(d, a, b)
        if not np.array_equal(d, wanted):
            return False
    return True


def population_holds() -> bool:
    run = loop_over(popcount)
    a, d = RNG.integers(0, 2**63, 8, np.int64), np.zeros(8, np.int64)
    run(d, a, a)
    return d.tolist() == [int(value).bit_count() for value in a]


def tiles_hold(name: str, kinds: tuple[str, str]) -> bool:
    run = tiles(name)
    configuration = np.zeros(64, np.uint8)
    configuration[0] = 1
    configuration[16:32].view(np.uint16)[:3] = 64
    configuration[48:51] = 16
    for _ in range(20):
        a, b = (numbers(kind, TILE) for kind in kinds)
        d = numbers("int32", TILE // 4)
        left = a.reshape(16, 64).astype(np.int64)
        right = b.reshape(16, 16, 4).transpose(0, 2, 1).reshape(64, 16).astype(np.int64)
        wanted = (d.reshape(16, 16) + left @ right).astype(np.int32)
        run(d, np.concatenate([a.view(np.uint8), configuration]), b)
        if not np.array_equal(d.reshape(16, 16), wanted):
            return False
    return True


def tiles_are_permitted() -> bool:
    """Linux gives a process the tiles' registers when asked: arch_prctl(ARCH_REQ_XCOMP_PERM, XTILEDATA)."""
    return ctypes.CDLL(None).syscall(158, 0x1023, 18) == 0


def checks(features: dict[str, bool]) -> dict[str, Callable[[], bool]]:
    table: dict[str, Callable[[], bool]] = {}
    byte, word = ("uint8", "int8"), ("int16", "int16")
    widths = [512, 256, 128] if features.get("avx512vnni") else []
    widths = widths or ([256, 128] if features.get("avxvnni") else [])
    for bits in widths:
        for name, kinds in {"vpdpbusd": byte, "vpdpbusds": byte, "vpdpwssd": word, "vpdpwssds": word}.items():
            table[f"{name} {bits}"] = lambda n=f"avx512.{name}", b=bits, k=kinds: holds(n, b, k)
    if features.get("avx512vpopcntdq"):
        table["vpopcntq 512"] = population_holds
    if features.get("amx-int8"):
        table["tiles: leave to use them"] = tiles_are_permitted
        for signs in ("ss", "su", "us", "uu"):
            kinds = tuple("int8" if sign == "s" else "uint8" for sign in signs)
            table[f"tdpb{signs}d"] = lambda n=f"tdpb{signs}d", k=kinds: tiles_hold(n, k)
    return table


def main() -> int:
    features = dict(binding.get_host_cpu_features())
    failed = False
    for name, check in checks(features).items():
        result = check()
        failed |= not result
        print(f"| {name} | {'holds' if result else 'DIFFERS'} |", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
