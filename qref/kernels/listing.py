"""The machine code of a tile for any processor that LLVM knows, and its innermost loop."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llvmlite import binding, ir

from qref.errors import Unsupported
from qref.kernels.ir import I64
from qref.kernels.tile.arguments import COUNT

X86, ARM = "x86_64-linux-gnu", "aarch64-linux-gnu"


@dataclass(frozen=True)
class Target:
    """A processor: LLVM's triple and name of it, and features beyond those that the name implies, as +a,-b."""

    triple: str
    cpu: str
    features: str = ""


TARGETS = {
    "amx": Target(X86, "sapphirerapids"),
    "vnni": Target(X86, "icelake-server"),
    "avx512": Target(X86, "skylake-avx512"),
    "avx-vnni": Target(X86, "alderlake"),
    "avx2": Target(X86, "haswell"),
    "i8mm": Target(ARM, "neoverse-v1"),
    "dotprod": Target(ARM, "neoverse-n1"),
    "neon": Target(ARM, "cortex-a72"),
}
"""A processor that has the instruction set, and not the next better one."""


class _Context:
    """What a tile asks of Numba's context."""

    def get_dummy_value(self) -> None:
        return None


def assembly(tile: Any, target: Target) -> str:
    """A tile, an intrinsic of Numba, as assembly for a processor.

    Raises:
        Unsupported: this LLVM makes no code for it.
    """
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    try:
        machine = binding.Target.from_triple(target.triple).create_target_machine(
            cpu=target.cpu, features=target.features, opt=3
        )
    except RuntimeError as error:
        raise Unsupported(f"code for {target.triple}: {error}") from error
    signature, emit = tile._defn(None, *[None] * COUNT)
    module = ir.Module()
    module.triple, module.data_layout = target.triple, str(machine.target_data)
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [I64] * len(signature.args)), "tile")
    b = ir.IRBuilder(function.append_basic_block())
    emit(_Context(), b, signature, list(function.args))
    b.ret_void()
    parsed = binding.parse_assembly(str(module))
    parsed.verify()
    passes = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(3))
    passes.getModulePassManager().run(parsed, passes)
    return str(machine.emit_assembly(parsed))


LABEL = re.compile(r"^(\.L\w+):")
JUMP = re.compile(r"^\s+(?:j\w*|b(?:\.\w+)?|(?:[ct]bn?z|b\w+)\s+.*,)\s+(\.L\w+)")
"""A jump to a label: of x86-64, of ARM (b, b.ne, cbz, tbnz), or of RISC-V (j, bne)."""
STACK = re.compile(r"\(%r[sb]p[,)]|\[(?:sp|x29)[],]|\(sp\)")


def innermost_loops(text: str) -> list[list[str]]:
    """The instructions of each loop that holds no other, in their order."""
    lines = [line for line in text.splitlines() if not line.startswith("\t.") and line.strip()]
    places = {found[1]: i for i, line in enumerate(lines) if (found := LABEL.match(line))}
    loops = []
    for end, line in enumerate(lines):
        jump = JUMP.match(line)
        if jump and places.get(jump[1], end) < end:
            loops.append((places[jump[1]], end))
    inner = [(a, z) for a, z in loops if not any((b, y) != (a, z) and a <= b and y <= z for b, y in loops)]
    return [[line.strip() for line in lines[a : z + 1] if not LABEL.match(line)] for a, z in inner]


def largest_loop(text: str) -> list[str]:
    """The innermost loop with the most instructions: where a tile spends its time."""
    return max(innermost_loops(text), key=len, default=[])


def spills(loop: Sequence[str]) -> list[str]:
    """The instructions that go to the stack."""
    return [line for line in loop if STACK.search(line)]
