"""Pad: elements added before and after each axis, or taken away, bit for bit.

ONNX Pad-2, -11, -13, -18, -19, -21, -23, -24, -25 (Pad-1, whose example contradicts its attribute, is left out). The
modes are "similar to corresponding modes supported by `numpy.pad`"; pads "add or remove (if negative)". Opset 11 made
pads and the constant inputs, 18 brought axes, 19 wrap.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from qref.errors import NotFixed
from qref.numerics.floats import encode
from qref.numerics.formats import Float, PowerOfTwo
from qref.numerics.tensor import Tensor, tensor
from qref.ops.check import computable, dtype, require, same_dtype, scalar
from qref.ops.onnx.axis_indices import OUTSIDE, Indices, any_outside, taken
from qref.ops.onnx.element_types import DATA_13, DATA_21, DATA_23, DATA_24, DATA_25, NUMBERS
from qref.ops.onnx.float_types import FLOATS
from qref.ops.onnx.quantize_linear import at
from qref.ops.operator import Attribute, Operator

TYPES = {
    2: FLOATS,
    11: NUMBERS,
    13: DATA_13,
    18: DATA_13,
    19: DATA_13,
    21: DATA_21,
    23: DATA_23,
    24: DATA_24,
    25: DATA_25,
}
MODES = {2: ("constant", "reflect", "edge"), 19: ("constant", "reflect", "edge", "wrap")}

Widths = dict[int, tuple[int, int]]  # axis: elements added at its beginning, and at its end


def pad(
    data: Tensor,
    pads: Tensor | Sequence[int] | None = None,
    constant_value: Tensor | None = None,
    axes: Tensor | None = None,
    *,
    mode: str = "constant",
    value: float = 0.0,
    opset: int = 25,
) -> Tensor:
    """data with more elements at the beginning and end of its axes, fewer where pads are negative.

    Args:
        data: any shape. axes: int32 or int64 [n], default all axes.
        pads: int64 [2n], the beginnings of all axes first; an attribute in opset 2.
        constant_value: a scalar of data's type, default 0; the attribute `value` in opset 2.
        mode: "constant", "reflect" (about the first and last element, which are not repeated), "edge" (which are), or
            "wrap" (as if the tensor were periodic).

    Raises:
        InvalidInput: types, shapes, modes or axes that the text rejects; more taken away than there is.
        NotFixed: a repeated axis; reflecting one element, or padding none by another mode than constant; a mode whose
            answer depends on whether elements are taken away before or after; the 0 that float8e8m0 lacks.
    """
    dtype("data", data, at(TYPES, opset))
    require(mode in at(MODES, opset), f"mode is {mode!r}: Pad-{opset} has {', '.join(at(MODES, opset))}")
    if constant_value is not None:
        require(opset >= 11, f"constant_value is given: Pad-{opset} has no such input")
        same_dtype("constant_value", constant_value, "data", data)
    added = widths(data, pads, axes, opset)
    computable([n + sum(added.get(axis, (0, 0))) for axis, n in enumerate(data.shape)])
    index = [np.arange(n) for n in data.shape]
    for axis, (begin, end) in added.items():
        index[axis] = source(data.shape[axis], begin, end, mode)
    fill = constant(data, constant_value, value).data if any_outside(index) else 0
    return Tensor(data.dtype, taken(data.data, index, fill))


def of_request(data: Tensor, *inputs: Tensor | None, opset: int, **attributes: Any) -> Tensor:
    """`pad` of a request: in opset 2 the pads are an attribute, and data is the only input."""
    require(opset >= 11 or not inputs, f"Pad-{opset} takes one input: pads and value are attributes")
    return pad(data, *inputs, opset=opset, **attributes)


def source(length: int, begin: int, end: int, mode: str) -> Indices:
    """Which element of an axis of `length` stands at each place after padding; OUTSIDE for the constant."""
    require(length + begin + end >= 0, f"pads {begin} and {end} take more than the {length} elements there are")
    place = np.arange(-begin, length + end)
    beyond = (place < 0) | (place >= length)
    if mode == "constant" or not beyond.any():
        return np.where(beyond, OUTSIDE, place)
    if length == 0 or (mode == "reflect" and length == 1):
        raise NotFixed(f"{mode} of {length} elements: no text says what is mirrored")
    removed = max(-begin, 0)
    kept = length - removed - max(-end, 0)
    if kept < length:
        after = source(kept, max(begin, 0), max(end, 0), mode) + removed
        if not np.array_equal(after, extended(place, length, mode)):
            raise NotFixed(f"pads {begin} and {end} with {mode}: no text says which comes first")
    return extended(place, length, mode)


def extended(place: Indices, length: int, mode: str) -> Indices:
    """The element that a place before, in or after an axis of `length` holds."""
    if mode == "edge":
        return np.clip(place, 0, length - 1)
    if mode == "wrap":
        return place % length
    period = 2 * (length - 1)
    return np.minimum(place % period, -place % period)


def widths(data: Tensor, pads: Tensor | Sequence[int] | None, axes: Tensor | None, opset: int) -> Widths:
    """What is added to each axis that `pads` speaks of. Raises as `pad`."""
    rank = len(data.shape)
    if isinstance(pads, Tensor):
        require(opset >= 11, f"pads is an input: it is an attribute of Pad-{opset}")
        dtype("pads", pads, ("int64",))
        require(len(pads.shape) == 1, f"pads has shape {list(pads.shape)}: give one dimension")
    require(pads is not None, "pads is not given: it has no default")
    given = [int(n) for n in (pads.data if isinstance(pads, Tensor) else pads or ())]
    places = list(range(rank))
    if axes is not None:
        require(opset >= 18, f"axes is given: Pad-{opset} has no such input")
        dtype("axes", axes, ("int32", "int64"))
        require(len(axes.shape) == 1, f"axes has shape {list(axes.shape)}: give one dimension")
        places = [int(a) for a in axes.data]
        require(all(-rank <= a < rank for a in places), f"axes is {places}: rank {rank} takes {-rank} to {rank - 1}")
        places = [a % rank for a in places]
    n = len(places)
    require(len(given) == 2 * n, f"pads has {len(given)} elements: {n} axes take {2 * n}")
    if len(set(places)) < n:
        raise NotFixed(f"axes is {places}: an axis twice, whose behaviour the text leaves undefined")
    return {axis: (given[i], given[i + n]) for i, axis in enumerate(places)}


def constant(data: Tensor, constant_value: Tensor | None, value: float) -> Tensor:
    """The scalar that mode "constant" adds. Raises as `pad`."""
    if constant_value is not None:
        scalar("constant_value", constant_value)
        return constant_value
    if isinstance(data.format, PowerOfTwo):
        raise NotFixed(f"constant_value is not given: its default 0 is no {data.dtype}")
    if isinstance(data.format, Float):
        return encode(np.asarray(value, np.float64), data.dtype)
    return tensor(0, data.dtype)


PAD = Operator(
    "Pad",
    "",
    opsets=tuple(TYPES),
    inputs=(1, 4),
    outputs=1,
    attributes={
        "mode": Attribute("string", "constant"),
        "pads": Attribute("ints", until=11),
        "value": Attribute("float", 0.0, until=11),
    },
    function=of_request,
)
