"""The peak of a processor's arithmetic for a dtype, measured by chains of vector instructions on registers."""

import time
from concurrent.futures import ThreadPoolExecutor

from qref.bench.chains import Link, available, compiled
from qref.bench.tile_products import TileProducts

ROUNDS = 1 << 17
TIMES = 7


def peak_gops(dtype: str, threads: int = 1) -> tuple[float, str]:
    """10⁹ operations a second of `threads` threads at once, a multiply-add counted as two, and the instruction.

    The best of all ways that the machine has, each the best of several runs.
    """
    return max((gops(way, threads), way.name) for way in available(dtype))


def gops(way: Link | TileProducts, threads: int) -> float:
    """10⁹ operations a second of one way."""
    loop = compiled(way)
    best = float("inf")
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(TIMES):
            begin = time.perf_counter()
            list(pool.map(loop, [ROUNDS] * threads))
            best = min(best, time.perf_counter() - begin)
    return 2 * way.macs_of_round * ROUNDS * threads / best / 1e9
