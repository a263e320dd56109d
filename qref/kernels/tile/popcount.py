"""Counting the bits of vectors of words: one name for each way that instruction sets have."""

from collections.abc import Callable

from llvmlite import ir

from qref.kernels.instructions import InstructionSet, features
from qref.kernels.ir import I8, I16, Value, declared, indices, undefined, vector

Count = Callable[[ir.IRBuilder, Value], Value]
"""count(b, words): how many bits are set in each lane of a vector of int32."""
VPOPCNTDQ = "avx512vpopcntdq"


def counted(b: ir.IRBuilder, words: Value) -> Value:
    """By LLVM: vpopcntd where there is one, else whatever it makes of additions of halves or look-ups."""
    return b.call(declared(b, f"llvm.ctpop.v{words.type.count}i32", words.type, [words.type]), [words])


def counted_by_bytes(b: ir.IRBuilder, words: Value) -> Value:
    """NEON counts bytes (cnt), and adds neighbours into lanes twice as wide (uaddlp)."""
    lanes = words.type.count
    bytes_ = vector(I8, 4 * lanes)
    total = b.call(declared(b, f"llvm.ctpop.v{4 * lanes}i8", bytes_, [bytes_]), [b.bitcast(words, bytes_)])
    for width, element in ((2, I16), (1, words.type.element)):
        wide = vector(element, width * lanes)
        total = b.add(*(b.zext(half, wide) for half in even_and_odd(b, total)))
    return total


def even_and_odd(b: ir.IRBuilder, value: Value) -> tuple[Value, Value]:
    """Every second lane of a vector, from the first and from the second one on."""
    lanes = value.type.count
    even, odd = (b.shuffle_vector(value, undefined(value.type), indices(range(first, lanes, 2))) for first in (0, 1))
    return even, odd


POPCOUNTS: dict[str, Count] = {"vpopcntdq": counted, "cnt": counted_by_bytes, "portable": counted}
"""By the names that instruction sets give. `nibbles` is none of them: see `by_tables`."""


def by_tables(instructions: InstructionSet) -> bool:
    """Whether bits are to be counted by the tables of `qref.kernels.tile.binary_tables`, not in words.

    So it is too where a set names an instruction that this processor lacks.
    """
    name = instructions.popcount
    return name == "nibbles" or (name == "vpopcntdq" and VPOPCNTDQ not in features())
