"""MaskedStep in float64; pruning itself is the reference's own NumPy."""

from qref.compression.magnitude_pruning import applied
from qref.kernels.quantizers.descent import moved
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype, same_shape
from qref.ops.operator import Operator
from qref.ops.request import Request
from qref.quantizers.descent import RATE
from qref.quantizers.weights import finite


def masked_step(request: Request, operator: Operator) -> Tensor:
    """MaskedStep."""
    eta = keywords(request, operator).get("learning_rate", RATE)
    W, g, mask = request.inputs
    assert W is not None and g is not None and mask is not None
    for name, x, kind in (("W", W, "float32"), ("g", g, "float32"), ("mask", mask, "bool")):
        dtype(name, x, (kind,))
        same_shape(name, x, "W", W)
    free = moved(finite("W", W.data), finite("g", g.data), eta).data
    return Tensor("float32", applied(free, mask.data))
