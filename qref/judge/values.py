"""Tensors and their differences in words, for details of a line or two."""

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import decode
from qref.numerics.formats import Bool, Integer
from qref.numerics.tensor import Tensor
from qref.vectors.verdict import Mask

SHOWN = 8  # elements


def is_nan(x: Tensor) -> NDArray[np.bool_]:
    """Which elements are NaN."""
    if isinstance(x.format, Integer | Bool):
        return np.zeros(x.shape, np.bool_)
    return np.asarray(np.isnan(decode(x)))


def one(x: Tensor, index: tuple[int, ...]) -> str:
    """An element: an integer, or a float's shortest form, with its code where NumPy lacks the format."""
    element = x.data[index]
    if isinstance(x.format, Integer | Bool) or element.dtype.kind == "f":
        return str(element)
    value = decode(Tensor(x.dtype, np.asarray(element)))
    return f"{float(value):g} (0x{int(element):0{x.data.dtype.itemsize * 2}X})"


def several(outputs: Sequence[Tensor]) -> str:
    """Outputs with their first elements."""
    return ", ".join(f"{kind(x)} {_first(x, list(islice(np.ndindex(x.shape), SHOWN)), x.data.size)}" for x in outputs)


def chosen(outputs: Sequence[Tensor], masks: Sequence[Mask]) -> str:
    """The first of the elements that `masks` mark."""
    parts = []
    for x, mask in zip(outputs, masks):
        indices = [tuple(int(i) for i in index) for index in np.argwhere(mask)]
        if indices:
            parts.append(_first(x, indices[:SHOWN], len(indices)))
    return ", ".join(parts)


def kind(x: Tensor) -> str:
    """Type and shape: int8[1,3,5,5]."""
    return f"{x.dtype}[{','.join(map(str, x.shape))}]"


def kinds(outputs: Sequence[Tensor]) -> str:
    """Types and shapes of outputs."""
    return ", ".join(kind(x) for x in outputs) or "no outputs"


def place(output: int, of: int, index: Sequence[int]) -> str:
    """The name of an element: y[0,1], or y2[0,1] for the third of several outputs."""
    name = "y" if of == 1 else f"y{output}"
    return f"{name}[{','.join(map(str, index))}]"


def difference(answer: Sequence[Tensor], golden: Sequence[Tensor], wrong: Sequence[Mask]) -> str:
    """How many elements are wrong, by how much, and the first of them."""
    count = sum(int(mask.sum()) for mask in wrong)
    total = sum(mask.size for mask in wrong)
    steps = [spread(y, true, mask) for y, true, mask in zip(answer, golden, wrong) if mask.any()]
    k = next(k for k, mask in enumerate(wrong) if mask.any())
    index = tuple(int(i) for i in np.argwhere(wrong[k])[0])
    where = place(k, len(answer), index)
    amount = ", ".join(step for step in steps if step)
    return (
        f"{count} of {total} elements wrong{', ' + amount if amount else ''};"
        f" {where}: expected {one(golden[k], index)}, got {one(answer[k], index)}"
    )


def spread(y: Tensor, true: Tensor, mask: Mask) -> str:
    """The differences of wrong integers: +1, or −3 to +1; "" for floats."""
    if not isinstance(y.format, Integer):
        return ""
    steps = [int(a) - int(b) for a, b in zip(y.data[mask], true.data[mask])]
    low, high = min(steps), max(steps)
    return signed(low) if low == high else f"{signed(low)} to {signed(high)}"


def signed(n: int) -> str:
    """An integer with its sign, a real minus."""
    return f"+{n}" if n >= 0 else f"−{-n}"


def _first(x: Tensor, indices: Sequence[tuple[int, ...]], count: int) -> str:
    shown = " ".join(one(x, index) for index in indices)
    return f"({shown}{' …' if count > len(indices) else ''})"
