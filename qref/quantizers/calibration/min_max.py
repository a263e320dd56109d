"""Min-max: the range that holds every activation seen, and zero.

Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference", 2018,
sections 2.1 (zero is represented exactly) and 3.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

from numpy.typing import NDArray

from qref.quantizers.weights import finite


@dataclass(frozen=True)
class MinMax:
    """lowest, highest: of all batches and zero."""

    lowest: float = 0.0
    highest: float = 0.0

    def update(self, batch: NDArray[Any]) -> Self:
        """As `Calibrator.update`."""
        x = finite("batch", batch)
        return replace(
            self,
            lowest=min(self.lowest, float(x.min(initial=0.0))),
            highest=max(self.highest, float(x.max(initial=0.0))),
        )

    def range(self) -> tuple[float, float]:
        """The least and the largest of all numbers and zero."""
        return self.lowest, self.highest
