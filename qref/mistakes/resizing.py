"""Resize by wrong coordinates, wrong neighbours or wrong weights."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.numerics.floats import decode, encode, float_format, nearest
from qref.numerics.tensor import Tensor
from qref.ops.onnx.axis_indices import OUTSIDE, any_outside, taken
from qref.ops.onnx.resize import TEXT, Plan, averages, extrapolated, nearest_elements, plan
from qref.ops.onnx.resize_geometry import Axis
from qref.ops.request import Request

RESIZE = ("Resize",)
MODE = "coordinate_transformation_mode"

# the pixel that stands for a coordinate, by nearest_mode
Pixel = Callable[[Fraction, str], int]
# the weights of the pixels around a coordinate on an axis of a length
Weights = Callable[[Fraction, int], dict[int, Fraction]]


def planned(request: Request) -> Plan:
    """The request, checked."""
    check(request, RESIZE)
    inputs: Any = request.inputs
    return plan(*inputs, opset=request.opset, **request.attributes)


def with_modes(request: Request, modes: dict[str, str]) -> list[Tensor]:
    """The answer where a coordinate_transformation_mode is taken for another."""
    given = planned(request).coordinates
    return rerun(request, attributes={MODE: modes.get(given, given)})


def with_axes(found: Plan, change: Callable[[Axis], Axis]) -> list[Tensor]:
    """The answer with other axes."""
    altered = replace(found, axes=[change(axis) for axis in found.axes])
    return [nearest_elements(altered, TEXT) if altered.mode == "nearest" else averages(altered, TEXT)]


def by_pixel(found: Plan, pixel: Pixel, outside: bool = True) -> list[Tensor]:
    """The nearest elements by a rule of one's own, held within the axis; extrapolation only if `outside`."""
    index = [
        np.asarray(
            [
                OUTSIDE
                if outside and found.outside(c, axis)
                else min(max(pixel(c, found.nearest_mode), 0), axis.length - 1)
                for c in found.originals(axis, TEXT)
            ],
            np.int64,
        )
        for axis in found.axes
    ]
    fill = extrapolated(found).data if any_outside(index) else 0
    return [Tensor(found.x.dtype, taken(found.x.data, index, fill))]


def by_weights(found: Plan, weights: Weights, outside: bool = True) -> list[Tensor]:
    """Linear interpolation by weights of one's own, exact and rounded once."""
    values, format = decode(found.x), float_format(found.x.dtype)
    lines: list[Sequence[Any]] = [
        [
            None if outside and found.outside(c, axis) else weights(c, axis.length).items()
            for c in found.originals(axis, TEXT)
        ]
        for axis in found.axes
    ]
    y = np.empty(found.shape, np.float64)
    for place in np.ndindex(*found.shape):
        along = [line[k] for line, k in zip(lines, place, strict=True)]
        if None in along:
            y[place] = decode(extrapolated(found))
            continue
        corners = (list(zip(*corner, strict=True)) or [(), ()] for corner in product(*along))
        exact = sum((prod(w) * Fraction(float(values[i])) for i, w in corners), Fraction(0))
        y[place] = nearest(exact, format)
    return [encode(y, found.x.dtype)]
