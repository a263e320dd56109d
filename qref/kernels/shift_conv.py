"""ShiftConv by the loops of `qref.kernels.conv.shift`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.conv.shift import Sum
from qref.kernels.conv import shift
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.operator import Operator
from qref.ops.qref import shift_conv as reference
from qref.ops.request import Request


def convolution(
    x: NDArray[Any], signs: NDArray[np.int8], exponents: NDArray[np.int8], geometry: Geometry, lowest: int, sum_: Sum
) -> NDArray[Any]:
    """The sums."""
    return shift.run(x, shift.of_codes(signs, exponents), geometry, lowest=lowest, sum_=sum_)


def shift_conv(request: Request, operator: Operator) -> Tensor:
    """ShiftConv, checked by the reference."""
    x, signs, exponents = request.inputs
    assert x is not None
    assert signs is not None
    assert exponents is not None
    return reference.shift_conv(x, signs, exponents, **keywords(request, operator), convolve=convolution)
