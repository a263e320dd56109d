"""The float types of an operator: those an opset lists, and those whose arithmetic is computed here."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype

FLOATS = ("float16", "float32", "float64")
INTEGERS = ("int32", "int64", "uint32", "uint64")


def listed(opset: int, *later: tuple[int, Sequence[str]]) -> tuple[str, ...]:
    """float16, float32, float64, and each further list of types from its opset on."""
    return (*FLOATS, *(name for since, names in later if opset >= since for name in names))


def numbers(name: str, x: Tensor, allowed: Sequence[str]) -> NDArray[np.float64]:
    """The values of input `name`, whose type must be in the opset's list.

    Raises:
        InvalidInput: it is not.
        Unsupported: float64, whose exact arithmetic is not done here.
    """
    dtype(name, x, allowed)
    if x.dtype == "float64":
        raise Unsupported(f"{name} is float64: float32, float16 and bfloat16 are computed here")
    return decode(x)
