"""IncrementalStep in float64; codes, partition and freezing are the reference's own NumPy."""

import numpy as np

from qref.kernels.quantizers.descent import moved
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype, require, same_shape
from qref.ops.operator import Operator
from qref.ops.request import Request
from qref.quantizers.descent import RATE
from qref.quantizers.weights import finite


def incremental_step(request: Request, operator: Operator) -> Tensor:
    """IncrementalStep."""
    gamma = keywords(request, operator).get("learning_rate", RATE)
    W, g, frozen = request.inputs
    assert W is not None and g is not None and frozen is not None
    for name, x, kind in (("W", W, "float32"), ("g", g, "float32"), ("frozen", frozen, "uint8")):
        dtype(name, x, (kind,))
        same_shape(name, x, "W", W)
    require(not (frozen.data > 1).any(), "frozen holds other numbers than 0 and 1: give a mask")
    w = finite("W", W.data)
    free = moved(w, finite("g", g.data), gamma).data
    return Tensor("float32", np.where(frozen.data != 0, w, free))
