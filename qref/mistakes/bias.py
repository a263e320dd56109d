"""What mistakes with QLinearConv's bias share: the bias, and the request without it."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.ops.request import Request


def bias_of(request: Request) -> NDArray[Any]:
    """The bias, one value an output channel, shaped to broadcast to the output.

    Raises Unsupported without one, and what the reference raises for the request.
    """
    check(request, ("QLinearConv",))
    B = request.inputs[8] if len(request.inputs) > 8 else None
    if B is None:
        raise Unsupported("the request has no bias")
    w = request.inputs[3]
    assert w is not None
    return B.data.astype(np.int64).reshape(-1, *[1] * (len(w.shape) - 2))


def without_bias(request: Request) -> Request:
    """The request with its bias left out."""
    return replace(request, inputs=request.inputs[:8])
