"""A peer: something else that convolves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from qref.conv.geometry import Geometry

Run = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True)
class Peer:
    """An engine that takes part in a bench.

    check: raises MissingExtra or UsageError where it cannot run here.
    prepare: (w, geometry, dtype, x's shape, threads) → its runs by the name of what they do, weights prepared as in a
    network; empty where it has nothing for that dtype.
    """

    name: str
    check: Callable[[], None]
    prepare: Callable[[NDArray[Any], Geometry, str, tuple[int, ...], int], dict[str, Run]]
