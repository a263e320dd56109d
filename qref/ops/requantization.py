"""Requantization: from exact accumulators to output integers, by whichever rule judges."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.formats import format_of
from qref.numerics.profiles import ONNX, Derived, Profile
from qref.numerics.tensor import Tensor


@dataclass(frozen=True, eq=False)
class Requantization:
    """Accumulators with the numbers that a rule needs.

    accumulator: exact integers of any shape, bias included (int64). x_scale, w_scale: exact values, broadcastable
    to the accumulator. y_scale and zero_point: the output's. dtype: the output's integer format.
    """

    accumulator: NDArray[Any]
    x_scale: NDArray[np.float64]
    w_scale: NDArray[np.float64]
    y_scale: float
    zero_point: int
    dtype: str

    def derived(self, rule: Profile) -> list[Derived]:
        """What the rule stores for each pair of scales, in the order in which they broadcast."""
        pairs = np.broadcast(self.x_scale, self.w_scale)
        return [rule.derive(float(x), float(w), self.y_scale) for x, w in pairs]

    def apply(self, rule: Profile = ONNX) -> Tensor:
        """The output. Raises OutsideDomain where the rule is not defined for one of the numbers."""
        shape = self.accumulator.shape
        pairs = np.broadcast_shapes(self.x_scale.shape, self.w_scale.shape)
        derived = self.derived(rule)
        index = np.broadcast_to(np.arange(len(derived)).reshape(pairs), shape)
        y = np.empty(shape, format_of(self.dtype).storage)
        for i in np.ndindex(*shape):
            y[i] = rule.apply(int(self.accumulator[i]), derived[index[i]], self.zero_point, self.dtype)
        return Tensor(self.dtype, y)
