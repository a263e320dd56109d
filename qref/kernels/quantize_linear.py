"""QuantizeLinear to integers: convert, divide, round, add, clamp, element by element."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import NotFixed, Unsupported
from qref.kernels.float_loops import parameters, quotients
from qref.numerics.floats import decode
from qref.numerics.formats import Integer, format_of
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.granularity import spread
from qref.ops.onnx.quantize_linear import check_types, division_type, output_type, zero_points
from qref.ops.operator import Operator
from qref.ops.request import Request


def over(values: NDArray[Any], shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """One value an element, flat."""
    return np.array(np.broadcast_to(values, shape), dtype, order="C").reshape(-1)


def quantize(
    x: Tensor,
    y_scale: Tensor,
    y_zero_point: Tensor | None = None,
    *,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
    precision: int = 0,
    saturate: int = 1,
    opset: int = 25,
) -> Tensor:
    """QuantizeLinear, checked by the reference. Raises Unsupported for outputs of float formats, NotFixed for NaN."""
    check_types(x, y_scale, y_zero_point, opset)
    y_dtype = output_type(y_zero_point, output_dtype, opset)
    T = division_type(y_scale, precision)
    format = format_of(y_dtype)
    if not isinstance(format, Integer):
        raise Unsupported(f"output {y_dtype}: the fast path is for integers")
    scale = over(spread(decode(y_scale), x.shape, axis, block_size), x.shape, np.float64)
    zero = over(zero_points(y_zero_point, x.shape, axis, block_size), x.shape, np.int64)
    y = np.empty(scale.size, np.int64)
    values = over(decode(x), x.shape, np.float64)
    if not quotients(values, scale, zero, *parameters(T), format.lowest, format.highest, y):
        raise NotFixed("NaN has no integer: no text fixes what it becomes")
    return Tensor(y_dtype, y.reshape(x.shape).astype(format.storage))


def quantize_linear(request: Request, operator: Operator) -> Tensor:
    """QuantizeLinear."""
    return quantize(*request.inputs, **keywords(request, operator))  # type: ignore[arg-type]
