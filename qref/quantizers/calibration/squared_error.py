"""Mean squared error: clip where rounding and clipping together cost least.

Of the ends T of the bins the one is taken for which the magnitudes, each at the middle of its bin, lie nearest to the
grid {0, Δ, …, KΔ}, Δ = T/K:

    min Σ n_i (c_i − Δ·min(⌊c_i/Δ + 1/2⌋, K))²,  c_i = (i + 1/2)·width

With c_i = 2i + 1 and T = 2j in halves of a bin every error times K² is an integer, and so the choice is exact. NVIDIA's
pytorch-quantization has this method (`method="mse"`) with the middles of bins as candidates; ONNX Runtime has none.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.calibration.histogram import Histogram


@dataclass(frozen=True)
class SquaredError:
    """highest: K, the code of T, 1 to 255: 127 for int8, 255 for magnitudes alone in uint8."""

    highest: int = 127
    histogram: Histogram = field(default_factory=Histogram)

    def __post_init__(self) -> None:
        if not 1 <= self.highest <= 255:
            raise InvalidInput(f"highest is {self.highest}: give 1 to 255")

    def update(self, batch: NDArray[Any]) -> Self:
        """As `Calibrator.update`."""
        return replace(self, histogram=self.histogram.update(batch))

    def range(self) -> tuple[float, float]:
        """T is the end of a bin; of several with the least error the largest."""
        found = errors(self.histogram.found, self.highest)
        j = max(range(1, len(found) + 1), key=lambda j: (-found[j - 1], j))
        return self.histogram.clipped(j * self.histogram.width)


def errors(counts: NDArray[np.int64], K: int) -> list[int]:
    """The squared errors of T = 1, 2, …, bins widths, each times (2K/width)²."""
    i = np.flatnonzero(counts)
    n, c = counts[i], 2 * i + 1
    # the largest sum there can be decides between machine integers and Python's
    wide = int(n.sum()) * (2 * K * counts.size) ** 2 >= 2**62
    n, c = (n.astype(object), c.astype(object)) if wide else (n, c)
    return [int((n * (K * c - 2 * j * _codes(c, j, K)) ** 2).sum()) for j in range(1, counts.size + 1)]


def _codes(c: NDArray[Any], j: int, K: int) -> NDArray[Any]:
    """min(⌊c/Δ + 1/2⌋, K) for Δ = 2j/K."""
    return np.minimum((K * c + j) // (2 * j), K)
