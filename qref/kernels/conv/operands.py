"""Operands of a run, looked at before their addresses are taken: compiled loops know no lengths but the plan's."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.conv.geometry import Geometry
from qref.errors import BadTensor, Unsupported, UsageError
from qref.kernels import instructions
from qref.kernels.instructions import InstructionSet
from qref.kernels.layout import NCHW, Layout
from qref.kernels.packed import Packed

GROUP = "group"
"""The number of a `Packed` that says into how many groups its output channels were cut."""


def matched(x: tuple[int, ...], w: tuple[int, ...], geometry: Geometry, threads: int, layout: Layout = NCHW) -> None:
    """Refuses images of lengths x, in a layout, that weights w [M, C/G, k1, …] and a geometry are not for.

    Raises:
        UsageError: other dimensions, channels or kernel lengths; output channels that groups cut; no thread.
    """
    if threads < 1:
        raise UsageError(f"{threads} threads: give 1 or more")
    G, n = geometry.group, len(geometry.kernel)
    if w[2:] != geometry.kernel or G < 1 or w[0] % G:
        raise UsageError(f"weights {list(w)}: the geometry is for kernels {list(geometry.kernel)} in {G} groups")
    channels, first = w[1] * G, 1 if layout.last and not layout.blocked else 2
    space = x[first : first + n]
    if len(space) < n or x != layout.shape(x[0], channels, space):
        raise UsageError(f"images {list(x)}: give {layout.name} of {channels} channels and {n} dimensions of space")


def set_of(packed: Packed, group: int, *kernels: str) -> InstructionSet:
    """The instruction set that weights were packed for, by one of these kernels and for so many groups.

    Raises:
        UsageError: they were packed by another kernel, or for other groups.
        Unsupported: this machine does not have the instruction set.
    """
    if packed.kernel not in kernels:
        raise UsageError(f"weights packed by {packed.kernel}: give what the pack of {' or '.join(kernels)} makes")
    groups = packed.numbers.get(GROUP, "an unknown number of")
    if groups != group:
        raise UsageError(f"weights packed for {groups} groups: pack them for {group}")
    here = instructions.chosen()
    if here.name == packed.set:
        return here
    for one in instructions.available():
        if one.name == packed.set:
            return one
    names = ", ".join(one.name for one in instructions.available())
    raise Unsupported(f"weights packed for {packed.set}: this machine has {names}; pack them here")


def zero_points(values: ArrayLike, name: str, dtype: Any) -> NDArray[np.int16]:
    """Zero points of 8-bit integers of a type, in 16 bits.

    Raises:
        UsageError: some are no numbers of the type.
    """
    found, ends = np.asarray(values), np.iinfo(dtype)
    if found.size and not ends.min <= found.min() <= found.max() <= ends.max:
        raise UsageError(f"{name} from {found.min()} to {found.max()}: give numbers of {ends.dtype}")
    return found.astype(np.int16)


def weights(packed: Packed, name: str, size: int, *dtypes: str) -> NDArray[Any]:
    """An array of packed weights that holds so many bytes, of one of the dtypes.

    Raises:
        BadTensor: it does not; what was loaded is no packed weight of this kernel.
    """
    found = packed.arrays.get(name)
    if (
        found is None
        or all(found.dtype != one for one in dtypes)
        or found.nbytes != size
        or not found.flags.c_contiguous
    ):
        told = "missing" if found is None else f"{found.nbytes} bytes of {found.dtype}"
        raise BadTensor(f"weights packed by {packed.kernel}: {name} is {told}, not {size} of {' or '.join(dtypes)}")
    return found


def beside(values: NDArray[Any] | None, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any] | None:
    """An optional operand, a bias or a residual, in C order.

    Raises:
        UsageError: it has other lengths or another type.
    """
    if values is None:
        return None
    if values.shape != shape or values.dtype != dtype:
        told = f"{list(values.shape)} of {values.dtype}"
        raise UsageError(f"{name} is {told}: give {list(shape)} of {np.dtype(dtype)}")
    return np.ascontiguousarray(values)
