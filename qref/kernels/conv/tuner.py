"""The tuner: times the kernels that might run a layer, and keeps the fastest."""

import time

import numpy as np

from qref.conv.cost import Shapes
from qref.kernels.conv.choice import candidates, remember
from qref.kernels.conv.table import KERNELS

REPEAT = 20


def tune(shapes: Shapes, threads: int = 1) -> dict[str, float]:
    """The least seconds of each candidate on random numbers, in turn; the fastest is what `choice` says from now on."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(shapes.x, np.float32), rng.standard_normal(shapes.w, np.float32)
    packed = {name: KERNELS[name].pack(w, shapes.geometry) for name in candidates(shapes)}
    seconds = dict.fromkeys(packed, float("inf"))
    for _ in range(1 + REPEAT):
        for name, weights in packed.items():
            begin = time.perf_counter()
            KERNELS[name].run(x, weights, shapes.geometry, threads)
            seconds[name] = min(seconds[name], time.perf_counter() - begin)
    remember(shapes, threads, min(seconds, key=lambda name: seconds[name]))
    return seconds
