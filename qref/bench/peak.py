"""The peak of a processor's arithmetic for a dtype, measured by chains of vector instructions on registers."""

import time
from concurrent.futures import ThreadPoolExecutor

from qref.bench.chains import CHAINS, Link, available, compiled

ROUNDS = 1 << 17
TIMES = 7


def peak_gops(dtype: str, threads: int = 1) -> tuple[float, str]:
    """10⁹ operations a second of `threads` threads at once, a multiply-add counted as two, and the instruction.

    The best of all ways that the machine has, each the best of several runs.
    """
    return max((gops(link, threads), link.name) for link in available(dtype))


def gops(link: Link, threads: int) -> float:
    """10⁹ operations a second of one way."""
    loop = compiled(link)
    best = float("inf")
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(TIMES):
            begin = time.perf_counter()
            list(pool.map(loop, [ROUNDS] * threads))
            best = min(best, time.perf_counter() - begin)
    return 2 * CHAINS * link.macs * ROUNDS * threads / best / 1e9
