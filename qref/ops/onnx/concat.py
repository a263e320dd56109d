"""Concat: tensors joined along one axis, bit for bit.

ONNX Concat-4, -11, -13 (Concat-1, whose axis has a default in the prose and none in the schema, is left out): "All
input tensors must have the same shape, except for the dimension size of the axis to concatenate on".
"""

import numpy as np

from qref.errors import NotFixed
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require, same_dtype
from qref.ops.onnx.element_types import DATA, DATA_13
from qref.ops.onnx.quantize_linear import at
from qref.ops.operator import Attribute, Operator

TYPES = {4: DATA, 13: DATA_13}
MOST = 2**31 - 1  # inputs


def concat(*inputs: Tensor, axis: int | None = None, opset: int = 13) -> Tensor:
    """The inputs one after the other along `axis`, in their order.

    Args:
        inputs: one and more, of one type; shapes that differ along `axis` at most.

    Raises:
        InvalidInput: types, shapes or an axis that the text rejects; no axis.
        NotFixed: a negative axis in opset 4, whose text has none.
    """
    require(None not in inputs, "an input is absent: Concat takes tensors, one after the other")
    first = inputs[0]
    dtype("inputs[0]", first, at(TYPES, opset))
    require(axis is not None, "axis is not given: Concat has no default for it")
    assert axis is not None
    rank = len(first.shape)
    if opset == 4 and axis < 0:
        raise NotFixed(f"axis is {axis}: Concat-4 does not say what a negative axis is")
    require(-rank <= axis < rank, f"axis is {axis}: rank {rank} takes {-rank} to {rank - 1}")
    axis %= rank
    for i, x in enumerate(inputs):
        same_dtype(f"inputs[{i}]", x, "inputs[0]", first)
        others = [tuple(n for k, n in enumerate(t.shape) if k != axis) for t in (first, x)]
        require(
            len(x.shape) == rank and others[0] == others[1],
            f"inputs[{i}] has shape {list(x.shape)}: with {list(first.shape)} it may differ along axis {axis} only",
        )
    return Tensor(first.dtype, np.concatenate([x.data for x in inputs], axis))


CONCAT = Operator(
    "Concat",
    "",
    opsets=(4, 11, 13),
    inputs=(1, MOST),
    outputs=1,
    attributes={"axis": Attribute("int")},
    function=concat,
)
