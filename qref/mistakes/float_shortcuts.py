"""What fast hardware and fast code do to floats: flush subnormal numbers, cut to bfloat16."""

import numpy as np
from numpy.typing import NDArray

from qref.numerics.formats import Float


def flushed(values: NDArray[np.float64], format: Float) -> NDArray[np.float64]:
    """Each value, or zero where it is subnormal in the format."""
    return np.where(np.abs(values) < format.smallest_normal, 0.0, values)


def cut_to_bfloat16(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The upper 16 bits of each value's float32."""
    with np.errstate(over="ignore"):
        codes = values.astype(np.float32).view(np.uint32) & np.uint32(0xFFFF0000)
    return codes.view(np.float32).astype(np.float64)
