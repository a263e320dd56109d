"""HalfWaveQuantize: the reference's own search among thresholds; HalfWaveBackward: one pass in float64."""

import numpy as np

from qref.errors import InvalidInput
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype, same_shape
from qref.ops.operator import Operator
from qref.ops.qref.hwgq import grid_of
from qref.ops.request import Request
from qref.quantizers.hwgq import APPROXIMATIONS
from qref.quantizers.weights import finite


def half_wave_backward(request: Request, operator: Operator) -> Tensor:
    """HalfWaveBackward."""
    approximation = keywords(request, operator).get("approximation", "clipped-relu")
    x, g, levels = request.inputs
    assert x is not None and g is not None and levels is not None
    if approximation not in APPROXIMATIONS:
        raise InvalidInput(f"approximation {approximation!r} is not one of {', '.join(APPROXIMATIONS)}")
    for name, tensor in (("x", x), ("g", g)):
        dtype(name, tensor, ("float32",))
    same_shape("g", g, "x", x)
    q = np.float64(grid_of(levels).levels[-1])
    v = finite("x", x.data).astype(np.float64)
    slope = np.where(v > 0, 1.0, 0.0)
    if approximation != "relu":
        slope[v > q] = 0.0 if approximation == "clipped-relu" else 1 / (v[v > q] - q + 1)
    return Tensor("float32", (finite("g", g.data) * slope).astype(np.float32))
