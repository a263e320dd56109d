"""A peer: something else that convolves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry

Run = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Requantizing:
    """A run that gives 8-bit outputs, not the accumulators.

    rule: the exact accumulators → the outputs that the engine's documented rule makes of them.
    """

    run: Run
    rule: Callable[[NDArray[np.float64]], NDArray[np.float64]]

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        """The outputs, as `rule` has them."""
        return self.run(x)


@dataclass(frozen=True)
class Peer:
    """An engine that takes part in a bench.

    check: raises MissingExtra or UsageError where it cannot run here.
    prepare: (w, geometry, dtype, x's shape, threads) → its runs by the name of what they do, weights prepared as in a
    network; empty where it has nothing for that dtype. A run takes x and gives y in NCHW.
    version: what is installed; None where that is not known.
    """

    name: str
    check: Callable[[], None]
    prepare: Callable[[NDArray[Any], Geometry, str, tuple[int, ...], int], Mapping[str, Run]]
    version: Callable[[], str | None]
