"""Moving average: the ends of the range follow those of the batches.

    r ← r + c·(x − r)    for the least and the largest x of a batch; the first batch sets r

Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference", 2018,
section 3.1 (exponential moving averages of ranges); c as ONNX Runtime's and PyTorch's `averaging_constant` = 0.01.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.floats import float_format, nearest
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")


@dataclass(frozen=True)
class MovingAverage:
    """constant: c, taken as float32, 0 < c ≤ 1. lowest, highest: exact, None before the first batch with numbers."""

    constant: float = 0.01
    lowest: Fraction | None = None
    highest: Fraction | None = None

    def __post_init__(self) -> None:
        if not 0 < np.float32(self.constant) <= 1:
            raise InvalidInput(f"constant is {self.constant}: give a number above 0, at most 1")

    def update(self, batch: NDArray[Any]) -> Self:
        """As `Calibrator.update`; a batch without numbers changes nothing."""
        x = finite("batch", batch)
        if not x.size:
            return self
        lowest, highest = (Fraction(float(end)) for end in (x.min(), x.max()))
        if self.lowest is None or self.highest is None:
            return replace(self, lowest=lowest, highest=highest)
        c = Fraction(float(np.float32(self.constant)))
        return replace(
            self, lowest=self.lowest + c * (lowest - self.lowest), highest=self.highest + c * (highest - self.highest)
        )

    def range(self) -> tuple[float, float]:
        """The averages rounded once to float32, widened to hold zero."""
        lowest, highest = self.lowest or Fraction(0), self.highest or Fraction(0)
        return min(nearest(lowest, FLOAT32), 0.0), max(nearest(highest, FLOAT32), 0.0)
