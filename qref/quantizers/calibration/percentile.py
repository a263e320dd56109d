"""Percentile: clip where p per cent of all magnitudes are inside.

Wu et al., "Integer quantization for deep learning inference: principles and empirical evaluation", 2020,
"Percentile": the range is set to a percentile of the distribution of absolute values seen in calibration.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.calibration.histogram import Histogram


@dataclass(frozen=True)
class Percentile:
    """percentile: p, taken as float32, 0 < p ≤ 100."""

    percentile: float = 99.99
    histogram: Histogram = field(default_factory=Histogram)

    def __post_init__(self) -> None:
        if not 0 < np.float32(self.percentile) <= 100:
            raise InvalidInput(f"percentile is {self.percentile}: give a number above 0, at most 100")

    def update(self, batch: NDArray[Any]) -> Self:
        """As `Calibrator.update`."""
        return replace(self, histogram=self.histogram.update(batch))

    def range(self) -> tuple[float, float]:
        """T is the upper end of the first bin by which p per cent of all magnitudes are counted."""
        m = bins_inside(self.histogram.found, Fraction(float(np.float32(self.percentile))))
        return self.histogram.clipped(m * self.histogram.width)


def bins_inside(counts: NDArray[np.int64], percentile: Fraction) -> int:
    """The least m for which the first m bins hold p/100 of the total or more, compared exactly."""
    total = int(counts.sum())
    return 1 + next(i for i, n in enumerate(np.cumsum(counts).tolist()) if 100 * n >= percentile * total)
