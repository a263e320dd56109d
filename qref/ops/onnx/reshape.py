"""Reshape: the elements of a tensor in another shape, bit for bit.

ONNX Reshape-5, -13, -14, -19, -21, -23, -24, -25 (Reshape-1, with the shape as an attribute, is left out): "At most one
dimension of the new shape can be -1. In this case, the value is inferred … A dimension could also be 0, in which case
the actual dimension value is unchanged (i.e. taken from the input tensor)".
"""

from collections.abc import Sequence
from math import prod

from qref.errors import NotFixed
from qref.numerics.tensor import Tensor
from qref.ops.check import computable, dtype, require
from qref.ops.onnx.element_types import DATA, DATA_13, DATA_21, DATA_23, DATA_24, DATA_25, FLOAT8
from qref.ops.onnx.quantize_linear import at
from qref.ops.operator import Attribute, Operator

TYPES = {
    5: DATA,
    13: DATA_13,
    14: DATA_13,
    19: (*DATA_13, *FLOAT8),
    21: DATA_21,
    23: DATA_23,
    24: DATA_24,
    25: DATA_25,
}


def reshape(data: Tensor, shape: Tensor, *, allowzero: int = 0, opset: int = 25) -> Tensor:
    """The elements of `data` in the order they have, in another shape.

    Args:
        shape: 1-D int64. 0 copies the dimension of `data` at its place, or is 0 with `allowzero` (opset 14); one −1 is
            what makes the number of elements agree; an empty shape gives a scalar.

    Raises:
        InvalidInput: types the text rejects; a shape of another number of elements, with more than one −1, with a 0
            where `data` has no dimension, or with 0 and −1 under `allowzero`.
        NotFixed: −1 beside dimensions whose product is 0: every length would do.
    """
    dtype("data", data, at(TYPES, opset))
    dtype("shape", shape, ("int64",))
    require(len(shape.shape) == 1, f"shape has shape {list(shape.shape)}: give one dimension")
    asked = [int(n) for n in shape.data]
    return Tensor(data.dtype, data.data.reshape(resolved(asked, data.shape, bool(allowzero))))


def resolved(asked: Sequence[int], given: Sequence[int], allowzero: bool) -> list[int]:
    """The shape that `asked` means for a tensor of shape `given`. Raises as `reshape`."""
    require(asked.count(-1) <= 1 and min(asked, default=0) >= -1, f"shape is {asked}: at most one −1, and none below")
    require(not (allowzero and 0 in asked and -1 in asked), f"shape is {asked}: with allowzero, 0 rules out −1")
    wanted = list(asked)
    for i, n in enumerate(asked):
        if n == 0 and not allowzero:
            require(i < len(given), f"shape is {asked}: no dimension {i} of {list(given)} to copy")
            wanted[i] = given[i]
    if -1 in wanted:
        others = prod(n for n in wanted if n != -1)
        if others == 0 and prod(given) == 0:
            raise NotFixed(f"shape is {asked}: any length at −1 gives no elements")
        require(others != 0 and prod(given) % others == 0, f"shape is {asked}: {list(given)} has no such shape")
        wanted[wanted.index(-1)] = prod(given) // others
    require(prod(wanted) == prod(given), f"shape is {asked}: {list(given)} has {prod(given)} elements")
    computable(wanted)
    return wanted


RESHAPE = Operator(
    "Reshape",
    "",
    opsets=tuple(TYPES),
    inputs=(2, 2),
    outputs=1,
    attributes={"allowzero": Attribute("int", 0, since=14)},
    function=reshape,
)
