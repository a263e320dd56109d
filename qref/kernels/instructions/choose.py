"""Which instruction set the kernels use: the best that the processor has, or the one that QREF_KERNELS names."""

import os
from functools import cache

from llvmlite import binding

from qref.errors import UsageError
from qref.kernels.instructions import tiles
from qref.kernels.instructions.instruction_set import InstructionSet
from qref.kernels.instructions.table import SETS

VARIABLE = "QREF_KERNELS"


@cache
def features() -> frozenset[str]:
    """LLVM's names of the processor's features; where NUMBA_CPU_FEATURES is set, those: code is made for them."""
    given = os.environ.get("NUMBA_CPU_FEATURES")
    if given is not None:
        return frozenset(name[1:] for name in given.split(",") if name.startswith("+"))
    try:
        found = binding.get_host_cpu_features()
    except RuntimeError:  # LLVM does not know this machine
        return frozenset()
    return frozenset(name for name, here in found.items() if here)


def available() -> tuple[InstructionSet, ...]:
    """The instruction sets of this machine, the best first; `portable` is always the last.

    One with tiles is there only where the operating system gives them.
    """
    return tuple(one for one in SETS if features().issuperset(one.needs) and (not one.tiles or tiles.given()))


def chosen() -> InstructionSet:
    """The instruction set to use. Raises UsageError where QREF_KERNELS names one that is not here."""
    here = available()
    name = os.environ.get(VARIABLE, "")
    if not name:
        return here[0]
    for one in here:
        if one.name == name:
            return one
    raise UsageError(f"{VARIABLE}={name}: this machine has {', '.join(one.name for one in here)}")
