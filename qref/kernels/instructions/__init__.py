"""Instruction sets: what kernels are written for, and which of them this machine has."""

from qref.kernels.instructions.choose import available, chosen, features
from qref.kernels.instructions.instruction_set import InstructionSet
from qref.kernels.instructions.table import SETS, named

__all__ = ["SETS", "InstructionSet", "available", "chosen", "features", "named"]
