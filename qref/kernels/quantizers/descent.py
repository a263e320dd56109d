"""One step of gradient descent, in float64."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.tensor import Tensor


def moved(W: NDArray[np.float32], gradient: NDArray[Any], eta: float) -> Tensor:
    """W − η · gradient."""
    with np.errstate(over="ignore"):
        return Tensor("float32", (W - eta * gradient.astype(np.float64)).astype(np.float32))
