"""LLVM IR for Numba's intrinsics: what a register tile is written in. Pointers are i8*, offsets are bytes."""

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils

I8, I16, I32, I64 = ir.IntType(8), ir.IntType(16), ir.IntType(32), ir.IntType(64)
F32 = ir.FloatType()
POINTER = ir.PointerType(I8)
Value = Any
"""An ir.Value; llvmlite has no types of its own."""


def vector(element: Any, lanes: int) -> Any:
    """The type <lanes x element>."""
    return ir.VectorType(element, lanes)


def declared(b: ir.IRBuilder, name: str, result: Any, arguments: Sequence[Any]) -> Value:
    """An LLVM intrinsic by its full name: llvmlite's own declaration knows no vectors."""
    return cgutils.get_or_insert_function(b.module, ir.FunctionType(result, arguments), name)


def pointer(b: ir.IRBuilder, address: Value) -> Value:
    """An integer as a pointer."""
    return b.inttoptr(address, POINTER)


def at(b: ir.IRBuilder, p: Value, offset: Value | int) -> Value:
    """p + offset."""
    if isinstance(offset, int):
        if offset == 0:
            return p
        offset = I64(offset)
    return b.gep(p, [offset])


def load(b: ir.IRBuilder, p: Value, type: Any, offset: Value | int = 0, align: int = 4) -> Value:
    """What lies at p + offset. Unaligned loads cost nothing where the data happen to be aligned."""
    value = b.load(b.bitcast(at(b, p, offset), ir.PointerType(type)))
    value.align = align
    return value


def store(b: ir.IRBuilder, value: Value, p: Value, offset: Value | int = 0, align: int = 4) -> None:
    """Puts a value at p + offset."""
    b.store(value, b.bitcast(at(b, p, offset), ir.PointerType(value.type))).align = align


def undefined(type: Any) -> Value:
    """A value that nobody reads."""
    return ir.Constant(type, ir.Undefined)


def constant(type: Any, value: Any) -> Value:
    """A vector of the same number."""
    return ir.Constant(type, [value] * type.count)


def indices(lanes: Sequence[int]) -> Value:
    """The mask of a shuffle."""
    return ir.Constant(vector(I32, len(lanes)), list(lanes))


def lanes_from(first: int, count: int) -> Value:
    """The mask that takes `count` lanes from `first` on."""
    return indices(range(first, first + count))


def splat(b: ir.IRBuilder, value: Value, lanes: int) -> Value:
    """A scalar in every lane."""
    type = vector(value.type, lanes)
    return b.shuffle_vector(b.insert_element(undefined(type), value, I32(0)), undefined(type), indices([0] * lanes))


def multiply_add(b: ir.IRBuilder, x: Value, w: Value, total: Value) -> Value:
    """x·w + total, fused where the machine can."""
    type = total.type
    f = declared(b, f"llvm.fmuladd.v{type.count}f32", type, [type] * 3)
    return b.call(f, [x, w, total])


def prefetch(b: ir.IRBuilder, p: Value, offset: int) -> None:
    """Asks for the cache line at p + offset."""
    f = declared(b, "llvm.prefetch.p0", ir.VoidType(), [POINTER, I32, I32, I32])
    b.call(f, [at(b, p, offset), I32(0), I32(3), I32(1)])


def pinned(b: ir.IRBuilder, p: Value, sums: Sequence[Value], register: str) -> tuple[Value, list[Value]]:
    """The pointer, and the sums, as an empty piece of assembly gives them back.

    LLVM then neither knows that the address is one it has met, nor can it load from there before the multiply-adds that
    made the first and the last sum. Else it keeps broadcasts of long bodies for later taps, and spills. register: the
    letter of a vector register in a constraint of assembly; without one, only the pointer passes.
    """
    if not register:
        return opaque(b, p, "r"), list(sums)
    chosen = sorted({0, len(sums) - 1})
    values = [p, *(sums[i] for i in chosen)]
    types = [v.type for v in values]
    constraints = ",".join(["=r", *[f"={register}"] * len(chosen), *(str(i) for i in range(len(values)))])
    type = ir.FunctionType(ir.LiteralStructType(types), types)
    result = b.call(ir.InlineAsm(type, "", constraints, side_effect=True), values)
    kept = list(sums)
    for place, i in enumerate(chosen):
        kept[i] = b.extract_value(result, place + 1)
    return b.extract_value(result, 0), kept


def opaque(b: ir.IRBuilder, value: Value, register: str) -> Value:
    """A value that LLVM cannot look into; register: the letter of the kind of register that holds it."""
    type = ir.FunctionType(value.type, [value.type])
    return b.call(ir.InlineAsm(type, "", f"={register},0", side_effect=True), [value])


def loop(
    b: ir.IRBuilder,
    first: Value,
    last: Value,
    step: Value | int,
    carried: Sequence[Value],
    body: Callable[[Value, list[Value]], list[Value]],
    *,
    at_least_once: bool = False,
) -> list[Value]:
    """for i in first … last − 1 by step: carried = body(i, carried), in registers.

    at_least_once: nothing is tested before the first round.
    """
    before, head, after = b.block, b.append_basic_block("loop"), b.append_basic_block("after")
    if at_least_once:
        b.branch(head)
    else:
        b.cbranch(b.icmp_signed("<", first, last), head, after)
    b.position_at_end(head)
    i = b.phi(I64)
    i.add_incoming(first, before)
    inside = [b.phi(v.type) for v in carried]
    for phi, v in zip(inside, carried):
        phi.add_incoming(v, before)
    new = body(i, list(inside))
    following = b.add(i, I64(step) if isinstance(step, int) else step)
    end = b.block
    i.add_incoming(following, end)
    for phi, v in zip(inside, new):
        phi.add_incoming(v, end)
    b.cbranch(b.icmp_signed("<", following, last), head, after)
    b.position_at_end(after)
    if at_least_once:
        return new
    results = [b.phi(v.type) for v in carried]
    for phi, v, w in zip(results, carried, new):
        phi.add_incoming(v, before)
        phi.add_incoming(w, end)
    return results


def slots(b: ir.IRBuilder, values: Sequence[Value], align: int) -> list[Value]:
    """Places on the stack, each holding its value."""
    with b.goto_entry_block():
        places = [b.alloca(v.type) for v in values]
    for place, v in zip(places, values):
        place.align = align
        b.store(v, place).align = align
    return places


def transposed(b: ir.IRBuilder, rows: Sequence[Value]) -> list[Value]:
    """n vectors of n lanes, n a power of two, missing ones unread: their transpose, by n·log₂ n shuffles of pairs."""
    n = rows[0].type.count
    current = [*rows, *[undefined(rows[0].type)] * (n - len(rows))]
    distance = n // 2
    while distance:
        low = indices([j if not j & distance else n + j - distance for j in range(n)])
        high = indices([j + distance if not j & distance else n + j for j in range(n)])
        for i in range(n):
            if not i & distance:
                pair = current[i], current[i + distance]
                current[i] = b.shuffle_vector(*pair, low)
                current[i + distance] = b.shuffle_vector(*pair, high)
        distance //= 2
    return current
