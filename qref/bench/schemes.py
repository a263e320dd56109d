"""How long a weight scheme takes for the 143 million weights of VGG-19, and how much memory: `qref bench schemes`.

`--layers alexnet-fc6` takes the 37,748,736 weights of AlexNet's first fully-connected layer in their place.

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

ALEXNET_FC6 = ((4096, 9216),)
"""The largest layer of AlexNet (Krizhevsky 2012), 256 · 6 · 6 inputs, 37,748,736 weights."""

USUAL = "vgg-19"
LAYERS = (USUAL, "alexnet-fc6")

SECONDS, TIMES = 60.0, 3.0  # goals for schemes without repeated passes


@dataclass(frozen=True)
class Measured:
    """One scheme: seconds to encode all layers, the process's memory in bytes, bits of what was encoded."""

    scheme: str
    granularity: str
    seconds: float
    memory: int
    bits: int
    layers: str = USUAL

    @property
    def weights(self) -> int:
        """Bytes of the float32 weights."""
        return 4 * sum(math.prod(shape) for shape in shapes(self.layers))

    @property
    def met(self) -> bool:
        """Whether both goals are met."""
        return self.seconds < SECONDS and self.memory <= TIMES * self.weights


def shapes(layers: str) -> tuple[tuple[int, ...], ...]:
    """The shapes of the layers of that name. Raises UsageError for another."""
    if layers not in LAYERS:
        raise UsageError(f"there are no layers {layers}: {', '.join(LAYERS)}")
    return VGG_19 if layers == USUAL else ALEXNET_FC6


def measured(names: Sequence[str], granularity: str | None = None, layers: str = USUAL) -> Iterator[Measured]:
    """Each scheme, by default those without repeated passes that need nothing but weights.

    Raises:
        UsageError: there are no such layers, there is no such scheme, it needs inputs, or has no such granularity.
        MissingExtra: Numba is not installed.
    """
    require("numba", "fast")
    shapes(layers)
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
        command = [sys.executable, "-m", "qref.bench.schemes", layers, name, *([granularity] if granularity else [])]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            raise UsageError(f"{name}: {(run.stderr.strip().splitlines() or ['ended without a word'])[-1]}")
        yield Measured(**json.loads(run.stdout))


def drawn(shape: tuple[int, ...], number: int) -> NDArray[np.float32]:
    """The weights of a layer: normal, of variance 2 / fan-in."""
    W = np.random.default_rng(number).standard_normal(shape, np.float32)
    W *= np.float32(math.sqrt(2 / math.prod(shape[1:])))
    return W


def alone(name: str, kind: str | None, of: str = USUAL) -> Measured:
    """Encodes all layers in this process."""
    import_kernels()
    from qref.kernels.quantizers import encode

    entry = SCHEMES[name]
    size = 64 if kind == "group" else 0
    scheme = entry.of(None, Granularity(kind, size) if kind else None)
    given = [{"stream": Stream(1, i)} if entry.stream else {} for i in range(len(shapes(of)))]
    encode(scheme, drawn((2, 64), 0), **given[0])  # compiled or loaded before the clock runs
    before = peak()
    layers = [drawn(shape, i) for i, shape in enumerate(shapes(of))]
    begin = time.perf_counter()
    encoded = [encode(scheme, W, **one) for W, one in zip(layers, given)]
    seconds = time.perf_counter() - begin
    bits = sum(one.bits for one in encoded)
    return Measured(name, kind or entry.granularities[0], seconds, peak() - before, bits, of)


def peak() -> int:
    """The largest resident size of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    print(json.dumps(vars(alone(sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None, sys.argv[1]))))
