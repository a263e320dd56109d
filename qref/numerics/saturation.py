"""What happens to an integer that does not fit: saturation holds it at the nearer end, wrapping keeps its low bits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.rounding import Whole


def saturate(values: Whole, lowest: int, highest: int) -> Whole:
    """Each value, or the end of [lowest, highest] that it passed."""
    if isinstance(values, int):
        return min(max(values, lowest), highest)
    held: NDArray[Any] = np.minimum(np.maximum(values, lowest), highest)
    return held


def wrap(values: Whole, bits: int, signed: bool = True) -> Whole:
    """The low `bits` bits of each value, read as two's complement (`signed`) or as a plain binary number."""
    modulus = 1 << bits
    shifted = modulus >> 1 if signed else 0
    return (values + shifted) % modulus - shifted
