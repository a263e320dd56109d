"""Looking up: bytes of a table of 16, chosen by bytes; 0 where the chooser is 128."""

from llvmlite import ir

from qref.kernels.instructions import features
from qref.kernels.ir import I8, Value, declared, lanes_from, undefined, vector

TABLE = 16
"""Bytes of a table."""
SHUFFLES = {
    64: ("llvm.x86.avx512.pshuf.b.512", "avx512bw"),
    32: ("llvm.x86.avx2.pshuf.b", "avx2"),
    16: ("llvm.x86.ssse3.pshuf.b.128", "ssse3"),
}


def lookup(b: ir.IRBuilder, tables: Value, which: Value) -> Value:
    """tables[which] in every 16 bytes of the vectors; by parts where this processor has only narrower ones."""
    width = which.type.count
    name, needs = SHUFFLES[width]
    if width > TABLE and needs not in features():
        halves = [
            lookup(b, *(b.shuffle_vector(one, undefined(one.type), some) for one in (tables, which)))
            for some in (lanes_from(0, width // 2), lanes_from(width // 2, width // 2))
        ]
        return b.shuffle_vector(*halves, lanes_from(0, width))
    type = vector(I8, width)
    return b.call(declared(b, name, type, [type, type]), [tables, which])
