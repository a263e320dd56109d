"""Floats copied from one address to another: what lowering to matrices, and packing of matrices, is made of."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from qref.kernels.ir import F32, I64, Value, indices, load, loop, pointer, store, transposed, vector

EIGHT = 8


def copied(typingctx: Any, to: Any, source: Any, count: Any) -> Any:
    """Emits the copying: eight floats at a time, then four, two and one."""

    def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        to, source, count = arguments
        whole = b.and_(count, I64(-EIGHT))

        def move(first: Value, length: int) -> None:
            offset = b.mul(first, I64(4))
            type = vector(F32, length) if length > 1 else F32
            store(b, load(b, pointer(b, b.add(source, offset)), type), pointer(b, b.add(to, offset)))

        def eight(first: Value, _: list[Value]) -> list[Value]:
            move(first, EIGHT)
            return []

        loop(b, I64(0), whole, EIGHT, [], eight)
        for length in (4, 2, 1):
            with b.if_then(b.icmp_signed("!=", b.and_(count, I64(length)), I64(0))):
                move(b.and_(count, I64(-2 * length)), length)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), emit


copy_floats: Any = intrinsic(copied)
"""copy_floats(to, source, count): so many floats from one address to another."""


def halved(typingctx: Any, to: Any, source: Any, count: Any) -> Any:
    """Emits two loads and one store for eight floats, so that nothing beyond the last of them is read."""

    def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        to, source, count = arguments
        whole = b.and_(count, I64(-EIGHT))
        # the fifth float of the source's pairs is the second of what begins one float before
        chosen = indices([*range(0, EIGHT, 2), *range(EIGHT + 1, 2 * EIGHT, 2)])

        def eight(first: Value, _: list[Value]) -> list[Value]:
            begin = pointer(b, b.add(source, b.mul(first, I64(8))))
            pair = [load(b, begin, vector(F32, EIGHT), 4 * (EIGHT - 1) * i) for i in range(2)]
            store(b, b.shuffle_vector(*pair, chosen), pointer(b, b.add(to, b.mul(first, I64(4)))))
            return []

        def one(i: Value, _: list[Value]) -> list[Value]:
            value = load(b, pointer(b, b.add(source, b.mul(i, I64(8)))), F32)
            store(b, value, pointer(b, b.add(to, b.mul(i, I64(4)))))
            return []

        loop(b, I64(0), whole, EIGHT, [], eight)
        loop(b, whole, count, 1, [], one)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), emit


copy_every_other: Any = intrinsic(halved)
"""copy_every_other(to, source, count): so many floats, of which the source holds two for each."""


def turned(typingctx: Any, to: Any, to_step: Any, source: Any, source_step: Any) -> Any:
    """Emits eight loads, the transpose in registers, and eight stores."""

    def emit(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        to, to_step, source, source_step = arguments

        def row(address: Value, step: Value, i: int) -> Value:
            return pointer(b, b.add(address, b.mul(step, I64(4 * i))))

        rows = [load(b, row(source, source_step, i), vector(F32, EIGHT)) for i in range(EIGHT)]
        for i, column in enumerate(transposed(b, rows)):
            store(b, column, row(to, to_step, i))
        return context.get_dummy_value()

    return types.void(*[types.intp] * 4), emit


transpose_floats: Any = intrinsic(turned)
"""transpose_floats(to, to_step, source, source_step): 8×8 floats, rows that lie so many floats apart."""
