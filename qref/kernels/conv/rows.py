"""The innermost loop of plain kernels: multiples of rows added to a row.

Four rows are added at a time, so that an element of the sum is loaded and stored once for four multiply-adds; it is
the loads and stores that limit such a loop. Elements of one row do not depend on each other: the compiler makes vectors
of them without being allowed to reorder a sum. What it may do is fuse a multiplication and the addition that follows.
"""

from typing import Any

from numba import njit

LOOP: dict[str, Any] = {"cache": True, "nogil": True, "fastmath": {"contract"}}
"""How loops are compiled: for several threads; with fused multiply-add, but no other liberty with floats."""
COLUMNS, DEPTH = 1024, 32
"""A block of a matrix whose rows are added: it stays in the cache while several rows of multipliers meet it."""


@njit(fastmath=LOOP["fastmath"])
def add_rows(y: Any, a: Any, rows: Any, starts: Any, base: int) -> None:
    """y[j] += Σ_t a[t] · rows[base + starts[t] + j].

    Args:
        y: the sum [n]. a: multipliers [T]. rows: one flat array that holds all rows. starts: int64 [T].
    """
    whole = starts.size // 4 * 4
    for t in range(0, whole, 4):
        a0, a1, a2, a3 = a[t], a[t + 1], a[t + 2], a[t + 3]
        x0, x1 = rows[base + starts[t] :], rows[base + starts[t + 1] :]
        x2, x3 = rows[base + starts[t + 2] :], rows[base + starts[t + 3] :]
        for j in range(y.size):
            y[j] = y[j] + a0 * x0[j] + a1 * x1[j] + a2 * x2[j] + a3 * x3[j]
    for t in range(whole, starts.size):
        a0, x0 = a[t], rows[base + starts[t] :]
        for j in range(y.size):
            y[j] = y[j] + a0 * x0[j]
