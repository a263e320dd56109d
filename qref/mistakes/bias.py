"""What mistakes with the bias of convolutions share: the bias, and QLinearConv's request without it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.mistakes.products import POSITIONS, left_of, raw
from qref.ops.request import Request

WITH_BIAS = ("Conv", "ConvTranspose", "QLinearConv")


def bias_of(request: Request, operators: Sequence[str] = ("QLinearConv",)) -> NDArray[Any]:
    """The bias of a convolution in `operators`, one value an output channel, shaped to broadcast to the output.

    Raises Unsupported without one, and what the reference raises for the request.
    """
    check(request, operators)
    at = POSITIONS[request.op].bias
    B = request.inputs[at] if at is not None and at < len(request.inputs) else None
    if B is None:
        raise Unsupported("the request has no bias")
    return raw(B).reshape(-1, *[1] * (len(left_of(request).shape) - 2))


def without_bias(request: Request) -> Request:
    """A QLinearConv with its bias left out."""
    return replace(request, inputs=request.inputs[:8])
