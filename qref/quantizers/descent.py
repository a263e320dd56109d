"""One step of gradient descent on the real weights that stand behind quantized ones."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import float_format, nearest

FLOAT32 = float_format("float32")
RATE = float(np.float32(0.01))
"""The learning rate unless another is given, as a float attribute holds it."""


def descend(W: NDArray[np.float32], gradient: Sequence[Fraction], eta: float) -> NDArray[np.float32]:
    """W − η · gradient, each exact number rounded once. gradient: one a weight, in C order."""
    pairs = zip(W.ravel().tolist(), gradient, strict=True)
    moved = [nearest(Fraction(w) - Fraction(eta) * g, FLOAT32) for w, g in pairs]
    return np.array(moved, np.float32).reshape(W.shape)


def exact(x: NDArray[np.float32]) -> list[Fraction]:
    """Each number as a rational, in C order."""
    return [Fraction(v) for v in x.ravel().tolist()]
