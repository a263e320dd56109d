"""Resize: nearest and linear interpolation along any number of axes.

ONNX Resize-11, -13, -18, -19 (Resize-10, whose text has no formula for coordinates, is left out). Coordinates are exact
rationals, scales the float32 numbers they are. Cubic interpolation and antialiasing are Unsupported.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import Any

import numpy as np

from qref.errors import NotFixed, Unsupported
from qref.numerics.floats import decode, encode, float_format, nearest
from qref.numerics.formats import Float, integer
from qref.numerics.tensor import Tensor, tensor
from qref.ops.bound import Array, Bound, of_dot
from qref.ops.check import computable, dtype, require
from qref.ops.onnx.axis_indices import OUTSIDE, Indices, any_outside, taken
from qref.ops.onnx.element_types import DATA, DATA_13
from qref.ops.onnx.quantize_linear import at
from qref.ops.onnx.resize_geometry import Axis, Number, axes_of, original
from qref.ops.operator import Attribute, Operator

TYPES = {11: DATA, 13: DATA_13, 18: DATA_13, 19: DATA_13}
HALF_PIXELS = ("half_pixel", "pytorch_half_pixel")
OTHERS = ("align_corners", "asymmetric", "tf_crop_and_resize")
COORDINATES = {
    11: (*HALF_PIXELS, *OTHERS, "tf_half_pixel_for_nn"),
    13: (*HALF_PIXELS, *OTHERS),
    19: (*HALF_PIXELS, *OTHERS, "half_pixel_symmetric"),
}
NEAREST = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
SCALED = (*HALF_PIXELS, "asymmetric", "half_pixel_symmetric", "tf_half_pixel_for_nn")  # by coordinates / scale
NEARLY = Fraction(1, 1 << 22)  # a length times a float32 scale that is a whole number but for the scale's rounding
POLICIES = ("stretch", "not_larger", "not_smaller")


@dataclass(frozen=True)
class Way:
    """A way to compute x_original: its scale, its arithmetic, and whether it multiplies by a reciprocal.

    `other` takes the factor of the inputs as the scale where length_resized / length_original is golden, and that where
    the factor is.
    """

    other: bool = False
    number: Number = Fraction
    reciprocal: bool = False


TEXT = Way()
OTHER_SCALE = "the other of the two scales, the quotient of the lengths and the factor as it is given"
WAYS = {
    OTHER_SCALE: Way(other=True),
    "coordinates in float32": Way(number=np.float32),
    "coordinates in float32, of the other of the two scales": Way(other=True, number=np.float32),
    "coordinates in float32, by the reciprocal of the other scale": Way(other=True, number=np.float32, reciprocal=True),
}


@dataclass(frozen=True, eq=False)
class Plan:
    """A request to Resize, checked."""

    x: Tensor
    axes: list[Axis]
    coordinates: str
    mode: str
    nearest_mode: str
    extrapolation_value: float

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(axis.resized for axis in self.axes)

    def originals(self, axis: Axis, way: Way) -> list[Fraction]:
        """x_original of each element along an axis of the output."""
        # half_pixel_symmetric is symmetric only with the scale as it is given
        as_given = way.other != (self.coordinates == "half_pixel_symmetric")
        scale = axis.given if as_given else axis.scale if axis.length else Fraction(1)
        places = range(axis.resized)
        found = (original(self.coordinates, x, axis, scale, way.number, way.reciprocal) for x in places)
        return [c if isinstance(c, Fraction) else Fraction(float(c)) for c in found]

    def outside(self, c: Fraction, axis: Axis) -> bool:
        """Whether extrapolation_value stands for what lies at c."""
        return self.coordinates == "tf_crop_and_resize" and not 0 <= c <= axis.length - 1


def resize(
    x: Tensor,
    roi: Tensor | None = None,
    scales: Tensor | None = None,
    sizes: Tensor | None = None,
    *,
    opset: int = 19,
    **attributes: Any,
) -> Tensor:
    """x resized along its axes.

    Args:
        x: any shape. roi: [2n], starts then ends, for "tf_crop_and_resize". scales: float32 [n], or sizes: int64 [n],
            of the n axes in `axes`, default all.
        attributes: coordinate_transformation_mode, mode, nearest_mode, axes, keep_aspect_ratio_policy,
            extrapolation_value, exclude_outside, antialias, cubic_coeff_a; see `plan`.

    Returns:
        "nearest": elements of x, the nearest to each coordinate by nearest_mode, the first or last beyond the ends.
        "linear": the exact weighted average of the neighbours along every axis, rounded once.

    Raises:
        InvalidInput: types, shapes or attributes that the text rejects.
        NotFixed: integers, infinities, NaN or two scales in linear interpolation; what `axes_of` and `original` name.
        Unsupported: cubic interpolation, antialiasing, linear interpolation of float64.
    """
    found = plan(x, roi, scales, sizes, opset=opset, **attributes)
    if found.mode == "nearest":
        return nearest_elements(found, TEXT)
    without_two_scales(found)
    return averages(found, TEXT)


def without_two_scales(plan: Plan) -> None:
    """Raises NotFixed where averages depend on which scale is meant, length_resized / length_original or the factor."""
    for axis in plan.axes if plan.coordinates in SCALED else ():
        several = axis.resizable and axis.length > 1 and axis.resized > 0
        if several and abs(axis.given * axis.length - axis.resized) > axis.resized * NEARLY:
            raise NotFixed(
                f"{axis.length} elements become {axis.resized} by the factor {float(axis.given)}: the text defines the"
                " scale by the lengths, its examples take the factor"
            )


def plan(
    x: Tensor,
    roi: Tensor | None = None,
    scales: Tensor | None = None,
    sizes: Tensor | None = None,
    *,
    antialias: int = 0,
    axes: Sequence[int] | None = None,
    coordinate_transformation_mode: str = "half_pixel",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
    keep_aspect_ratio_policy: str = "stretch",
    mode: str = "nearest",
    nearest_mode: str = "round_prefer_floor",
    opset: int,
) -> Plan:
    """The request, checked; raises as `resize`.

    exclude_outside changes nothing here: of the two neighbours in linear interpolation one lies inside, and gets all
    the weight either way.
    """
    dtype("X", x, at(TYPES, opset))
    if opset == 11:
        require(roi is not None and scales is not None, "roi and scales: Resize-11 takes both, empty where not used")
    one_of("coordinate_transformation_mode", coordinate_transformation_mode, at(COORDINATES, opset))
    one_of("nearest_mode", nearest_mode, NEAREST)
    one_of("mode", mode, ("nearest", "linear", "cubic"))
    one_of("keep_aspect_ratio_policy", keep_aspect_ratio_policy, POLICIES)
    if mode == "cubic":
        raise Unsupported("cubic interpolation is not computed here")
    found = axes_of(x, roi, scales, sizes, axes, coordinate_transformation_mode, keep_aspect_ratio_policy)
    computable([axis.resized for axis in found])
    if mode == "linear":
        if not isinstance(x.format, Float):
            raise NotFixed(f"linear interpolation of {x.dtype}: no text says how averages are rounded")
        if x.dtype == "float64":
            raise Unsupported("X is float64: float32, float16 and bfloat16 are interpolated here")
        if antialias and any(axis.resized < axis.length for axis in found):
            raise Unsupported("antialiasing is not computed here")
        if not np.isfinite(decode(x)).all():
            raise NotFixed("linear interpolation of infinities or NaN: no text says what weight 0 makes of them")
    return Plan(x, found, coordinate_transformation_mode, mode, nearest_mode, extrapolation_value)


def one_of(name: str, value: str, values: Sequence[str]) -> None:
    """Raises InvalidInput for a value of an attribute that does not exist."""
    require(value in values, f"{name} is {value!r}: this opset has {', '.join(values)}")


def nearest_elements(plan: Plan, way: Way) -> Tensor:
    """The elements of x nearest to the coordinates of the output."""
    index = [nearest_indices(plan, axis, way) for axis in plan.axes]
    fill = extrapolated(plan).data if any_outside(index) else 0
    return Tensor(plan.x.dtype, taken(plan.x.data, index, fill))


def nearest_indices(plan: Plan, axis: Axis, way: Way) -> Indices:
    """For each element along an axis of the output, the element of the input that is nearest to it."""
    index = [
        OUTSIDE if plan.outside(c, axis) else min(max(nearest_pixel(c, plan.nearest_mode), 0), axis.length - 1)
        for c in plan.originals(axis, way)
    ]
    return np.asarray(index, np.int64)


def nearest_pixel(x_original: Fraction, nearest_mode: str) -> int:
    """The pixel that stands for a coordinate: round half down, round half up, floor or ceil."""
    if nearest_mode == "round_prefer_floor":
        return ceil(x_original - Fraction(1, 2))
    if nearest_mode == "round_prefer_ceil":
        return floor(x_original + Fraction(1, 2))
    return floor(x_original) if nearest_mode == "floor" else ceil(x_original)


def extrapolated(plan: Plan) -> Tensor:
    """extrapolation_value in x's type. Raises NotFixed where an integer type has no such number."""
    value = plan.extrapolation_value
    if isinstance(plan.x.format, Float):
        return encode(np.asarray(value, np.float64), plan.x.dtype)
    if plan.x.dtype == "bool":
        return tensor(value != 0, "bool")
    format = integer(plan.x.dtype)
    if not value.is_integer() or not format.lowest <= value <= format.highest:
        raise NotFixed(f"extrapolation_value {value} in {plan.x.dtype}: no text says how it is converted")
    return tensor(int(value), plan.x.dtype)


def averages(plan: Plan, way: Way) -> Tensor:
    """The weighted average of the neighbours of each coordinate, exact and rounded once."""
    values, format = decode(plan.x), float_format(plan.x.dtype)
    y = np.empty(plan.shape, np.float64)
    for place, corners in neighbourhoods(plan, way):
        if corners is None:
            y[place] = decode(extrapolated(plan))
        else:
            exact = sum((w * Fraction(float(values[i])) for i, w in corners.items()), Fraction(0))
            y[place] = nearest(exact, format)
    return encode(y, plan.x.dtype)


Corners = dict[tuple[int, ...], Fraction]


def neighbourhoods(plan: Plan, way: Way) -> Iterator[tuple[tuple[int, ...], Corners | None]]:
    """Each place of the output with the weights of its neighbours in x; None for what lies outside.

    The weight of a corner is the product of its weights along the axes.
    """
    lines = [
        [None if plan.outside(c, axis) else neighbours(c, axis.length) for c in plan.originals(axis, way)]
        for axis in plan.axes
    ]
    for place in np.ndindex(*plan.shape):
        along = [line[k] for line, k in zip(lines, place, strict=True)]
        inside = [weights for weights in along if weights is not None]
        if len(inside) < len(along):
            yield place, None
            continue
        corners: Corners = {}
        for corner in product(*(weights.items() for weights in inside)):
            weight = Fraction(1)
            for _, w in corner:
                weight *= w
            corners[tuple(i for i, _ in corner)] = weight
        yield place, corners


def neighbours(x_original: Fraction, length: int) -> dict[int, Fraction]:
    """The weights of the pixels before and after a coordinate; beyond the ends the end pixel has all of it."""
    if x_original <= 0:
        return {0: Fraction(1)}
    if x_original >= length - 1:
        return {length - 1: Fraction(1)}
    i = floor(x_original)
    t = x_original - i
    return {i: 1 - t, i + 1: t} if t else {i: Fraction(1)}


def alternatives(
    x: Tensor,
    roi: Tensor | None = None,
    scales: Tensor | None = None,
    sizes: Tensor | None = None,
    *,
    opset: int,
    **attributes: Any,
) -> list[tuple[str, tuple[Tensor, ...]]]:
    """Nearest elements by the other scale, or by coordinates in float32, which may round to another pixel."""
    found = plan(x, roi, scales, sizes, opset=opset, **attributes)
    if found.mode != "nearest":
        return []
    return [(reason, (nearest_elements(found, way),)) for reason, way in WAYS.items()]


def bound(
    x: Tensor,
    roi: Tensor | None = None,
    scales: Tensor | None = None,
    sizes: Tensor | None = None,
    *,
    opset: int,
    **attributes: Any,
) -> list[Bound] | None:
    """Linear interpolation: a dot product of corners and weights, and coordinates in float32."""
    found = plan(x, roi, scales, sizes, opset=opset, **attributes)
    if found.mode == "nearest":
        return None
    y = averages(found, TEXT)
    d = sum(axis.resized != axis.length for axis in found.axes)
    return [of_dot(y, 2**d + d + 2, magnitude(found, 2**d + d + 2))]


def magnitude(plan: Plan, terms: int) -> Array:
    """M = Σ|w||v|, and what errors of the coordinates add to it.

    Six roundings of size u·(|x_original| + 1) shift a coordinate by δ, and the average by no more than δ times the
    difference of two neighbours.
    """
    values = np.abs(decode(plan.x))
    M = np.zeros(plan.shape)
    reach = [[abs(float(c)) + 1 for c in plan.originals(axis, TEXT)] for axis in plan.axes]
    for place, corners in neighbourhoods(plan, TEXT):
        if corners is None:
            continue
        low, high = np.min(list(corners), axis=0), np.max(list(corners), axis=0)
        window = values[tuple(slice(max(a - 1, 0), b + 2) for a, b in zip(low, high, strict=True))]
        shifted = sum(
            line[k] for line, k, axis in zip(reach, place, plan.axes, strict=True) if axis.length != axis.resized
        )
        weighted = sum(float(w) * float(values[i]) for i, w in corners.items())
        M[place] = weighted + 6 / terms * shifted * 2 * window.max()
    return M


RESIZE = Operator(
    "Resize",
    "",
    opsets=tuple(TYPES),
    inputs=(1, 4),
    outputs=1,
    attributes={
        "antialias": Attribute("int", 0, since=18),
        "axes": Attribute("ints", since=18),
        "coordinate_transformation_mode": Attribute("string", "half_pixel"),
        "cubic_coeff_a": Attribute("float", -0.75),
        "exclude_outside": Attribute("int", 0),
        "extrapolation_value": Attribute("float", 0.0),
        "keep_aspect_ratio_policy": Attribute("string", "stretch", since=18),
        "mode": Attribute("string", "nearest"),
        "nearest_mode": Attribute("string", "round_prefer_floor"),
    },
    function=resize,
    alternatives=alternatives,
    bound=bound,
)
