"""Flatten: a matrix (d_0 · … · d_(axis−1), d_axis · … · d_n), bit for bit.

ONNX Flatten-1, -9, -11, -13, -21, -23, -24, -25. "When axis = 0, the shape of the output tensor is (1, (d_0 X d_1 ...
d_n)"; negative axes count from the back from opset 11 on.
"""

from math import prod

from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require
from qref.ops.onnx.element_types import DATA, DATA_13, DATA_21, DATA_23, DATA_24, DATA_25
from qref.ops.onnx.float_types import FLOATS
from qref.ops.onnx.quantize_linear import at
from qref.ops.operator import Attribute, Operator

TYPES = {1: FLOATS, 9: DATA, 11: DATA, 13: DATA_13, 21: DATA_21, 23: DATA_23, 24: DATA_24, 25: DATA_25}


def flatten(x: Tensor, *, axis: int = 1, opset: int = 25) -> Tensor:
    """x as a matrix whose rows are the dimensions before `axis`, and whose columns are the others.

    Args:
        x: rank r. axis: 0 to r, from opset 11 on −r to r.

    Raises:
        InvalidInput: a type or an axis that the text rejects.
    """
    dtype("input", x, at(TYPES, opset))
    rank = len(x.shape)
    lowest = -rank if opset >= 11 else 0
    require(lowest <= axis <= rank, f"axis is {axis}: rank {rank} takes {lowest} to {rank}")
    axis = axis + rank if axis < 0 else axis
    return Tensor(x.dtype, x.data.reshape(prod(x.shape[:axis]), prod(x.shape[axis:])))


FLATTEN = Operator(
    "Flatten",
    "",
    opsets=tuple(TYPES),
    inputs=(1, 1),
    outputs=1,
    attributes={"axis": Attribute("int", 1)},
    function=flatten,
)
