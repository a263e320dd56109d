"""How long a weight scheme takes for the 143 million weights of VGG-19, and how much memory: `qref bench schemes`.

Each scheme has a process of its own, whose largest resident size is what the weights, what is encoded of them and
everything in between took. Weights are drawn from a normal distribution, as wide as He's initialization makes them.
"""

import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qref.engines.versions import require
from qref.errors import UsageError
from qref.numba_cache import import_kernels
from qref.numerics.philox import Stream
from qref.quantizers import Granularity
from qref.saveload.schemes import SCHEMES

CHANNELS = (64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512, 512, 512, 512)
VGG_19: tuple[tuple[int, ...], ...] = (
    *((M, C, 3, 3) for C, M in zip((3, *CHANNELS), CHANNELS)),
    (4096, 512 * 7 * 7),
    (4096, 4096),
    (1000, 4096),
)
"""The shapes of VGG-19's weights (Simonyan and Zisserman 2014, configuration E), 143,652,544 in all."""

SECONDS, TIMES = 60.0, 3.0  # goals for schemes without repeated passes


@dataclass(frozen=True)
class Measured:
    """One scheme: seconds to encode all layers, the process's memory in bytes, bits of what was encoded."""

    scheme: str
    granularity: str
    seconds: float
    memory: int
    bits: int

    @property
    def weights(self) -> int:
        """Bytes of the float32 weights."""
        return 4 * sum(math.prod(shape) for shape in VGG_19)

    @property
    def met(self) -> bool:
        """Whether both goals are met."""
        return self.seconds < SECONDS and self.memory <= TIMES * self.weights


def measured(names: Sequence[str], granularity: str | None = None) -> Iterator[Measured]:
    """Each scheme, by default those without repeated passes that need nothing but weights.

    Raises:
        UsageError: there is no such scheme, it needs the inputs of layers, or it has no such granularity.
        MissingExtra: Numba is not installed.
    """
    require("numba", "fast")
    candidates = {name: one for name, one in SCHEMES.items() if not one.inputs}
    kept = [name for name, one in candidates.items() if granularity in (None, *one.granularities)]
    chosen = names or [name for name in kept if not candidates[name].iterative]
    for name in chosen:
        if name not in candidates:
            raise UsageError(f"{name} is no scheme that needs nothing but weights: {', '.join(candidates)}")
    for name in [name for name in chosen if name not in kept]:
        kinds = ", ".join(candidates[name].granularities)
        raise UsageError(f"scheme {name} has a scale a {kinds}, not a {granularity}")
    if not chosen:
        raise UsageError(f"no scheme has a scale a {granularity}: give tensor, channel or group")
    for name in chosen:
        command = [sys.executable, "-m", "qref.bench.schemes", name, *([granularity] if granularity else [])]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            raise UsageError(f"{name}: {(run.stderr.strip().splitlines() or ['ended without a word'])[-1]}")
        yield Measured(**json.loads(run.stdout))


def drawn(shape: tuple[int, ...], number: int) -> NDArray[np.float32]:
    """The weights of a layer: normal, of variance 2 / fan-in."""
    W = np.random.default_rng(number).standard_normal(shape, np.float32)
    W *= np.float32(math.sqrt(2 / math.prod(shape[1:])))
    return W


def alone(name: str, kind: str | None) -> Measured:
    """Encodes all layers in this process."""
    import_kernels()
    from qref.kernels.quantizers import encode

    entry = SCHEMES[name]
    size = 64 if kind == "group" else 0
    scheme = entry.of(None, Granularity(kind, size) if kind else None)
    given = [{"stream": Stream(1, i)} if entry.stream else {} for i in range(len(VGG_19))]
    encode(scheme, drawn((2, 64), 0), **given[0])  # compiled or loaded before the clock runs
    before = peak()
    layers = [drawn(shape, i) for i, shape in enumerate(VGG_19)]
    begin = time.perf_counter()
    encoded = [encode(scheme, W, **one) for W, one in zip(layers, given)]
    seconds = time.perf_counter() - begin
    bits = sum(one.bits for one in encoded)
    return Measured(name, kind or entry.granularities[0], seconds, peak() - before, bits)


def peak() -> int:
    """The largest resident size of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    print(json.dumps(vars(alone(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))))
