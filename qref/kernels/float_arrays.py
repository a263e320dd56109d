"""Floats as the arrays that loops take: float32 as it is; float16 and bfloat16 in float64, to be rounded once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.numerics.floats import decode, encode
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor

NARROW = ("float16", "bfloat16")


def only_floats(x: Tensor) -> None:
    """Raises Unsupported for a tensor of integers."""
    if not isinstance(x.format, Float):
        raise Unsupported(f"operands of type {x.dtype}: the fast path is for floats")


def loaded(x: Tensor) -> NDArray[Any]:
    """The values for loops of element-wise operators: a float32 or float64 array, in C order, to be read."""
    only_floats(x)
    return np.asarray(x.data if x.dtype == "float32" else decode(x), order="C")


def single(x: Tensor) -> NDArray[np.float32]:
    """The values for loops that sum up in float32, which holds all of float16 and bfloat16; to be read."""
    only_floats(x)
    return np.asarray(x.data if x.dtype == "float32" else decode(x).astype(np.float32), order="C")


def stored(y: NDArray[Any], dtype: str) -> Tensor:
    """A tensor of type `dtype`, rounded to it where it is narrower than float32."""
    if dtype == "float32":
        return Tensor(dtype, y.astype(np.float32, copy=False))
    return encode(y.astype(np.float64), dtype)
