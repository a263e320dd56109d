"""Sums of 8-bit products by the same rows, exact: float32 while it is exact, int32 from there on.

A product of two differences of 8-bit numbers is at most 255², and 256 of them at most 16 646 400, which is below 2²⁴:
up to there every sum is a whole number that float32 holds, in any order. So 256 terms at a time are summed in float32,
where a plain loop gets fused multiply-adds, and then added to an int32. Nothing saturates; beyond int32 the sum is
taken modulo 2³², as `qref.conv.zero_point` does.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.kernels.conv.rows import LOOP, add_rows

EXACT = 256
"""Terms whose sum float32 holds exactly."""


@njit(fastmath=LOOP["fastmath"])
def add_rows_exactly(y: Any, part: Any, a: Any, rows: Any, starts: Any, base: int) -> None:
    """y[j] += Σ_t a[t] · rows[base + starts[t] + j] in int32.

    Args:
        y: int32 [n]. part: float32 [n], space for sums. a, rows: whole numbers of up to ±255 in float32.
    """
    for t in range(0, starts.size, EXACT):
        for j in range(y.size):
            part[j] = 0
        add_rows(part, a[t : t + EXACT], rows, starts[t : t + EXACT], base)
        for j in range(y.size):
            y[j] = np.int32(y[j] + np.int32(part[j]))


def difference(values: NDArray[Any], zero_point: Any) -> NDArray[np.float32]:
    """values − zero_point as whole numbers in float32. Raises Unsupported for what is not int8 or uint8."""
    if values.dtype not in (np.int8, np.uint8):
        raise Unsupported(f"operands of type {values.dtype}: this fast path is for int8 and uint8")
    return values.astype(np.float32) - np.asarray(zero_point, np.float32)
