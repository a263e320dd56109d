"""Clip of floats."""

import numpy as np

from qref.kernels.elementwise import applied, none_of
from qref.kernels.float_arrays import only_floats
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.clip import LARGEST, limits
from qref.ops.operator import Operator
from qref.ops.request import Request


def clip(request: Request, operator: Operator) -> Tensor:
    """Clip, checked by the reference; a limit that is not there is infinite."""
    arguments = keywords(request, operator)
    x, low, high = (*request.inputs, None, None)[:3]
    assert x is not None
    only_floats(x)
    operator.function(none_of(x), low, high, **arguments)
    lowest, highest = arguments.get("min", -LARGEST), arguments.get("max", LARGEST)
    found = limits(x, low, high, lowest, highest, request.opset)
    lowest, highest = (
        absent if limit is None else decode(limit).item() for limit, absent in zip(found, (-np.inf, np.inf))
    )
    return applied("clamped(x, alpha, beta)", x, lowest, highest)
