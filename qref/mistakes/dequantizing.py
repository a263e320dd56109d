"""What mistakes in DequantizeLinear share: its operands, and the type that it multiplies in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops import run
from qref.ops.onnx.granularity import spread
from qref.ops.request import Request


@dataclass(frozen=True, eq=False)
class Dequantization:
    """x, and what belongs to each of its elements: scale and zero point, in shapes that broadcast to x's.

    Values are exact (float64). `right` is the golden output, `multiplication` its type, x_type and scale_type the
    inputs' types.
    """

    x: NDArray[np.float64]
    scale: NDArray[np.float64]
    zero_point: NDArray[np.float64]
    x_type: str
    scale_type: str
    multiplication: Float
    right: Tensor

    def stored(self, values: NDArray[np.float64]) -> list[Tensor]:
        """Values as the output, rounded to its type where they do not fit it."""
        return [encode(np.broadcast_to(values, self.right.shape), self.right.dtype)]


def dequantization(request: Request) -> Dequantization:
    """The operands of a DequantizeLinear request. Raises as the operator does, and Unsupported for other operators."""
    if (request.domain, request.op) != ("", "DequantizeLinear"):
        raise Unsupported(f"{request.op} is not DequantizeLinear")
    (right,) = run(request)
    x, x_scale, x_zero_point = (*request.inputs, None)[:3]
    assert x is not None
    assert x_scale is not None
    granularity = (x.shape, request.attributes.get("axis", 1), request.attributes.get("block_size", 0))
    zero_point = np.zeros(()) if x_zero_point is None else decode(x_zero_point)
    return Dequantization(
        x=decode(x),
        scale=spread(decode(x_scale), *granularity),
        zero_point=spread(zero_point, *granularity) if zero_point.ndim else zero_point,
        x_type=x.dtype,
        scale_type=x_scale.dtype,
        multiplication=float_format(right.dtype),
        right=right,
    )
