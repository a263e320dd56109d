"""Pad by other elements or other amounts than the request's."""

from collections.abc import Callable

import numpy as np

from qref.errors import InvalidInput, Unsupported
from qref.mistakes.altered_request import check
from qref.mistakes.products import left_of
from qref.numerics.tensor import Tensor
from qref.ops.onnx.axis_indices import Indices, any_outside, taken
from qref.ops.onnx.pad import Widths, constant, source, widths
from qref.ops.request import Request

PAD = ("Pad",)

# length, begin, end and mode of an axis to the element at each place
Rule = Callable[[int, int, int, str], Indices]


def amounts(request: Request) -> Widths:
    """What is added to each axis, in the order in which the request names them."""
    check(request, PAD)
    _, pads, _, axes = (*request.inputs, None, None, None)[:4]
    return widths(left_of(request), pads or request.attributes.get("pads"), axes, request.opset)


def by_rule(request: Request, rule: Rule = source, added: Widths | None = None, zero: bool = False) -> list[Tensor]:
    """The answer by a wrong rule or with wrong amounts; `zero`: whatever the constant is, 0 is added.

    Raises Unsupported where the amounts as the engine reads them take more away than there is.
    """
    data, mode = left_of(request), request.attributes.get("mode", "constant")
    index = [np.arange(n) for n in data.shape]
    try:
        for axis, (begin, end) in (amounts(request) if added is None else added).items():
            index[axis] = rule(data.shape[axis], begin, end, mode)
    except InvalidInput as error:
        raise Unsupported(f"the request as the engine reads it cannot be answered: {error}") from error
    value = None if zero or len(request.inputs) < 3 else request.inputs[2]
    number = 0.0 if zero else request.attributes.get("value", 0.0)
    fill = constant(data, value, number).data if any_outside(index) else 0
    return [Tensor(data.dtype, taken(data.data, index, fill))]
