"""DequantizeLinear: an exact difference, both factors converted, one rounding, element by element."""

import numpy as np

from qref.kernels.float_loops import parameters, products
from qref.kernels.quantize_linear import over
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.dequantize_linear import difference, output_type
from qref.ops.onnx.granularity import spread
from qref.ops.operator import Operator
from qref.ops.request import Request


def dequantize(
    x: Tensor,
    x_scale: Tensor,
    x_zero_point: Tensor | None = None,
    *,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
    opset: int = 25,
) -> Tensor:
    """DequantizeLinear, checked by the reference."""
    T = output_type(x, x_scale, x_zero_point, output_dtype, opset)
    scale = spread(decode(x_scale), x.shape, axis, block_size)
    y = np.empty(x.data.size, np.float64)
    products(
        over(difference(x, x_zero_point, axis, block_size), x.shape, np.float64),
        over(scale, x.shape, np.float64),
        *parameters(float_format(T)),
        y,
    )
    return encode(y.reshape(x.shape), T)


def dequantize_linear(request: Request, operator: Operator) -> Tensor:
    """DequantizeLinear."""
    return dequantize(*request.inputs, **keywords(request, operator))  # type: ignore[arg-type]
