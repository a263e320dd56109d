"""The peak of float32 arithmetic, measured: fused multiply-adds on registers, and nothing else.

Twelve vectors, as wide as the machine's registers, each multiplied and added to over and over: enough chains to hide
the latency of the unit, few enough for sixteen registers. No plain loop does this, so the instructions are written as
LLVM's own.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import Any

from llvmlite import binding, ir
from numba import float32, int64, njit
from numba.core import cgutils, types
from numba.extending import intrinsic

CHAINS = 12
ROUNDS = 1 << 18
TIMES = 7


def lanes() -> int:
    """float32 numbers in a register: 16 with AVX-512, 8 with AVX, else 4."""
    try:
        features = binding.get_host_cpu_features()
    except RuntimeError:  # LLVM does not know this machine
        return 4
    return 16 if features.get("avx512f") else 8 if features.get("avx") else 4


LANES = lanes()


@intrinsic
def multiply_adds(typingctx: Any, rounds: Any) -> Any:
    """rounds · CHAINS vectors of LANES multiply-adds; the sum of what is left, so that nothing is optimized away."""

    def codegen(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        [n], index, vector = arguments, ir.IntType(64), ir.VectorType(ir.FloatType(), LANES)
        factor, addend = (ir.Constant(vector, [value] * LANES) for value in (0.5, 1.0))
        # Numba's declare_intrinsic knows no vectors
        fma = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fmuladd.v{LANES}f32"
        )
        before, loop, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
        builder.branch(loop)
        builder.position_at_end(loop)
        i, sums = builder.phi(index), [builder.phi(vector) for _ in range(CHAINS)]
        following = [builder.call(fma, [part, factor, addend]) for part in sums]
        next_i = builder.add(i, ir.Constant(index, 1))
        i.add_incoming(ir.Constant(index, 0), before)
        i.add_incoming(next_i, loop)
        for k in range(CHAINS):
            sums[k].add_incoming(ir.Constant(vector, [float(k)] * LANES), before)
            sums[k].add_incoming(following[k], loop)
        builder.cbranch(builder.icmp_signed("<", next_i, n), loop, after)
        builder.position_at_end(after)
        total = reduce(builder.fadd, following)
        parts = [builder.extract_element(total, ir.Constant(ir.IntType(32), lane)) for lane in range(LANES)]
        return reduce(builder.fadd, parts)

    return types.float32(types.int64), codegen


@njit(float32(int64), nogil=True)
def chains(rounds: int) -> Any:
    """The loop, for one thread."""
    return multiply_adds(rounds)  # type: ignore[call-arg]


def peak_gflops(threads: int = 1) -> float:
    """GFLOP/s of `threads` threads at once, a multiply-add counted as two; the best of several runs."""
    flops = 2 * CHAINS * LANES * ROUNDS * threads
    best = float("inf")
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(TIMES):
            begin = time.perf_counter()
            list(pool.map(chains, [ROUNDS] * threads))
            best = min(best, time.perf_counter() - begin)
    return flops / best / 1e9
