"""The instruction sets that kernels are written for, the best first."""

from qref.kernels.instructions.instruction_set import InstructionSet

AVX512 = ("avx512f", "avx512bw", "avx512dq", "avx512vl")

SETS = (
    InstructionSet("amx", (*AVX512, "avx512vnni", "amx-tile", "amx-int8"), 16, 32, "v", 14, 2, "vnni-512", "vpopcntdq"),
    InstructionSet("vnni", (*AVX512, "avx512vnni"), 16, 32, "v", 14, 2, "vnni-512", "vpopcntdq"),
    InstructionSet("avx512", AVX512, 16, 32, "v", 14, 2, "words", "nibbles"),
    InstructionSet("avx-vnni", ("avx2", "fma", "avxvnni"), 8, 16, "x", 6, 2, "vnni-256", "nibbles"),
    InstructionSet("avx2", ("avx2", "fma"), 8, 16, "x", 6, 2, "words", "nibbles"),
    InstructionSet("i8mm", ("neon", "dotprod", "i8mm"), 4, 32, "w", 12, 2, "usdot", "cnt"),
    InstructionSet("dotprod", ("neon", "dotprod"), 4, 32, "w", 12, 2, "sdot", "cnt"),
    InstructionSet("neon", ("neon",), 4, 32, "w", 12, 2, "portable", "cnt"),
    InstructionSet("portable", (), 4, 16, "", 4, 2, "portable", "portable"),
)
"""`portable` is for every machine: vectors of four that LLVM maps to whatever there is."""


def named(name: str) -> InstructionSet:
    """The instruction set of this name."""
    return next(one for one in SETS if one.name == name)
