"""Calibrator: the role of what watches activations, batch by batch, and gives a range."""

from __future__ import annotations

from typing import Any, Protocol, Self

from numpy.typing import NDArray


class Calibrator(Protocol):
    """A calibrator with what it has seen so far, a frozen dataclass."""

    def update(self, batch: NDArray[Any]) -> Self:
        """The calibrator that has seen this batch as well.

        Args:
            batch: finite float32 of any shape, also empty.

        Raises:
            InvalidInput: batch is not float32 or not finite.
        """

    def range(self) -> tuple[float, float]:
        """Lowest and highest number to be represented, float32 values, lowest ≤ 0 ≤ highest; 0 and 0 of nothing."""
