"""Tensor: an array that knows its number format.

NumPy has no int4, bfloat16 or float8, and the reference does without packages that add them. So a tensor is a format's
name and an array of its storage type: integers hold their values, the formats NumPy knows hold NumPy floats, all other
floats hold raw codes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.errors import BadTensor
from qref.numerics.formats import Format, Integer, format_of


@dataclass(frozen=True, eq=False)
class Tensor:
    """Elements of format `dtype` in `data`, an array of that format's storage type.

    Raises:
        BadTensor: the array's dtype is not the storage type, or an integer leaves the format's range.
    """

    dtype: str
    data: NDArray[Any]

    def __post_init__(self) -> None:
        # NumPy arithmetic on arrays of rank 0 gives scalars
        object.__setattr__(self, "data", np.asarray(self.data))
        format = self.format
        if self.data.dtype != np.dtype(format.storage):
            raise BadTensor(f"{self.dtype} is stored as {np.dtype(format.storage)}, not {self.data.dtype}")
        if format.bits < 8 * self.data.dtype.itemsize and self.data.size and format.name != "bool":
            lowest, highest = (
                (format.lowest, format.highest) if isinstance(format, Integer) else (0, (1 << format.bits) - 1)
            )
            if self.data.min() < lowest or self.data.max() > highest:
                raise BadTensor(f"{self.dtype} holds {lowest} to {highest}: clamp the values first")

    @property
    def format(self) -> Format:
        return format_of(self.dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    def same(self, other: "Tensor") -> bool:
        """Whether dtype, shape and every bit agree."""
        return (
            self.dtype == other.dtype
            and self.shape == other.shape
            and np.ascontiguousarray(self.data).tobytes() == np.ascontiguousarray(other.data).tobytes()
        )


def tensor(values: ArrayLike | Sequence[Any], dtype: str) -> Tensor:
    """A tensor of format `dtype` from values (integers, native floats) or raw codes (all other floats).

    Raises:
        BadTensor: a value is not representable in the storage type.
    """
    storage = np.dtype(format_of(dtype).storage)
    array = np.asarray(values)
    if storage.kind in "iu" and array.dtype.kind == "f" and not isinstance(values, np.ndarray):
        array = np.asarray(values, object)  # NumPy makes float64 of integers that need both signs and 64 bits
    if array.dtype != storage:
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                stored = array.astype(storage)
        except (OverflowError, ValueError) as error:
            raise BadTensor(f"values do not fit {dtype}: {error}: clamp or round them first") from None
        if storage.kind in "iu" and not np.array_equal(stored, array):
            raise BadTensor(f"values from {array.min()} to {array.max()} do not fit {dtype}: clamp or round them first")
        array = stored
    return Tensor(dtype, array)
