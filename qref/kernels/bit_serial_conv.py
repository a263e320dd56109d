"""BitSerialConv by the tiles of binary convolution."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.bit_serial import Code
from qref.conv.geometry import Geometry
from qref.kernels.conv import bit_serial
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.operator import Operator
from qref.ops.qref import bit_serial_conv as reference
from qref.ops.request import Request


def convolution(x: NDArray[Any], w: NDArray[Any], geometry: Geometry, x_code: Code, w_code: Code) -> NDArray[np.int32]:
    """The sums."""
    return bit_serial.run(x, bit_serial.pack(w, geometry, w_code), geometry, x_code=x_code)


def bit_serial_conv(request: Request, operator: Operator) -> Tensor:
    """BitSerialConv, checked by the reference."""
    x, w = request.inputs
    assert x is not None
    assert w is not None
    return reference.bit_serial_conv(x, w, **keywords(request, operator), convolve=convolution)
