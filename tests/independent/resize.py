"""Resize (10, 11, 13, 18, 19): nearest and linear."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from independent.answers import Answer
from independent.binary_formats import BINARIES
from independent.extended import Special, Value, is_finite, real, times, total
from independent.refusal import Undecided, refuse_unless
from independent.tensors import Tensor, offset, positions, rounded

HALF = Fraction(1, 2)
COMMON = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize")
TRANSFORMS = {
    10: ("asymmetric",),  # Reading: opset 10 prints no transformation; asymmetric is what opset 11 names it
    11: (*COMMON, "tf_half_pixel_for_nn"),
    13: COMMON,
    18: COMMON,
    19: (*COMMON, "half_pixel_symmetric"),
}


@dataclass(frozen=True)
class Axis:
    length: int
    out: int
    scale: Fraction
    width: Fraction  # output_width: the target length before it became an integer
    start: Fraction
    stop: Fraction


def reals(t: Tensor, name: str) -> list[Fraction]:
    refuse_unless(t.rank == 1, f"{name} is no vector")
    refuse_unless(all(is_finite(v) for v in t.values), f"{name} is not finite")
    return [real(v) for v in t.values]


def original(axis: Axis, i: int, transform: str) -> Fraction:
    """x_original of x_resized = i."""
    if transform == "half_pixel":
        return (i + HALF) / axis.scale - HALF
    if transform == "half_pixel_symmetric":
        adjustment = axis.out / axis.width
        return Fraction(axis.length, 2) * (1 - adjustment) + (i + HALF) / axis.scale - HALF
    if transform == "pytorch_half_pixel":
        return (i + HALF) / axis.scale - HALF if axis.out > 1 else Fraction(0)
    if transform == "align_corners":
        # Reading: 0 · (length_original − 1) / 0 of an output of one element is its first element.
        return Fraction(i * (axis.length - 1), axis.out - 1) if axis.out > 1 else Fraction(0)
    if transform == "asymmetric":
        return i / axis.scale
    if transform == "tf_half_pixel_for_nn":
        return (i + HALF) / axis.scale
    last = axis.length - 1
    if axis.out > 1:
        return axis.start * last + i * (axis.stop - axis.start) * last / (axis.out - 1)
    return HALF * (axis.start + axis.stop) * last


def nearest_place(x: Fraction, mode: str) -> int:
    return {
        "round_prefer_floor": ceil(x - HALF),
        "round_prefer_ceil": floor(x + HALF),
        "floor": floor(x),
        "ceil": ceil(x),
    }[mode]


def linear_weights(x: Fraction, axis: Axis, antialias: bool, exclude_outside: bool) -> list[tuple[int, Fraction]]:
    """Places and weights of one axis; places beyond the ends count as the end (Reading) unless they are excluded."""
    stretch = max(Fraction(1), 1 / axis.scale) if antialias else Fraction(1)
    weights: dict[int, Fraction] = {}
    for place in range(floor(x - stretch), ceil(x + stretch) + 1):
        weight = 1 - abs(place - x) / stretch
        if weight <= 0 or (exclude_outside and not 0 <= place < axis.length):
            continue
        inside = min(max(place, 0), axis.length - 1)
        weights[inside] = weights.get(inside, Fraction(0)) + weight
    whole = sum(weights.values())
    if whole == 0:
        raise Undecided("all sampling locations are outside")
    return [(place, weight / whole) for place, weight in weights.items()]


def lengths(
    x: Tensor,
    attributes: dict[str, Any],
    roi: Tensor | None,
    scales: Tensor | None,
    sizes: Tensor | None,
    as_given: bool,
) -> list[Axis]:
    """Each axis with its output length and its scale.

    Reading: the scale of the coordinates is "scale = length_resized / length_original" with "length_resized as the
    length of the resized tensor". The onnx package's node tests hold with the scale as it is given (`as_given`), and
    half_pixel_symmetric, which sets "output_width the target length … which can be a fractional number" against the
    integer one, is symmetric only so.
    """
    axes = list(range(x.rank))
    if attributes.get("axes") is not None:
        refuse_unless(all(-x.rank <= a < x.rank for a in attributes["axes"]), f"axes {attributes['axes']}")
        axes = [a % x.rank for a in attributes["axes"]]
        if len(set(axes)) < len(axes):
            raise Undecided("an axis is repeated")
    cropping = attributes.get("coordinate_transformation_mode") == "tf_crop_and_resize"
    starts, stops = [Fraction(0)] * x.rank, [Fraction(1)] * x.rank
    if cropping:
        refuse_unless(roi is not None and len(roi) > 0, "tf_crop_and_resize without roi")
        assert roi is not None
        bounds = reals(roi, "roi")
        refuse_unless(len(bounds) == 2 * len(axes), f"{len(bounds)} numbers in roi for {len(axes)} axes")
        for i, axis in enumerate(axes):
            starts[axis], stops[axis] = bounds[i], bounds[len(axes) + i]
    found = [Axis(d, d, Fraction(1), Fraction(d), starts[i], stops[i]) for i, d in enumerate(x.shape)]
    if scales is not None:
        given = reals(scales, "scales")
        refuse_unless(len(given) == len(axes), f"{len(given)} scales for {len(axes)} axes")
        refuse_unless(all(s > 0 for s in given), "It takes value greater than 0")
        for axis, scale in zip(axes, given):
            d = x.shape[axis]
            width = d * (stops[axis] - starts[axis]) * scale
            refuse_unless(width >= 0, "a negative length")
            used = scale if as_given or d == 0 else Fraction(floor(width), d)
            found[axis] = Axis(d, floor(width), used, width, starts[axis], stops[axis])
        return found
    assert sizes is not None
    refuse_unless(sizes.rank == 1 and len(sizes) == len(axes), f"{len(sizes)} sizes for {len(axes)} axes")
    refuse_unless(all(s >= 0 for s in sizes.integers), "negative sizes")
    policy = attributes.get("keep_aspect_ratio_policy", "stretch")
    refuse_unless(policy in ("stretch", "not_larger", "not_smaller"), f"keep_aspect_ratio_policy {policy}")
    if any(x.shape[a] == 0 for a in axes):
        raise Undecided("an empty axis resized to a size")
    ratios = [Fraction(s, x.shape[a]) for s, a in zip(sizes.integers, axes)]
    for axis, size, ratio in zip(axes, sizes.integers, ratios):
        d = x.shape[axis]
        if policy == "stretch":
            found[axis] = Axis(d, size, ratio, Fraction(size), starts[axis], stops[axis])
        else:
            common = min(ratios) if policy == "not_larger" else max(ratios)
            # "round_int stands for computing the nearest integer value, rounding halfway cases up"
            out = floor(common * d + HALF)
            # keep_aspect_ratio_policy calls this common ratio `scale`, too.
            found[axis] = Axis(
                d, out, common if as_given else Fraction(out, d), Fraction(out), starts[axis], stops[axis]
            )
    return found


def arguments(opset: int, inputs: list[Tensor | None]) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """roi, scales, sizes, of which one of the last two is None."""
    if opset == 10:
        return None, inputs[1], None
    roi, scales, sizes = inputs[1:4]
    if opset == 11 and sizes is not None:
        refuse_unless(scales is not None and len(scales) == 0, "sizes beside scales that are not empty")
        return roi, None, sizes
    refuse_unless((scales is None) != (sizes is None), "One of 'scales' and 'sizes' MUST be specified")
    return roi, scales, sizes


def resize(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    mode = attributes["mode"]
    refuse_unless(mode in ("nearest", "linear") or (mode == "cubic" and opset >= 11), f"mode {mode}")
    if mode == "cubic":
        raise Undecided("cubic is not built here")
    transform = attributes.get("coordinate_transformation_mode", "asymmetric")
    refuse_unless(transform in TRANSFORMS[opset], f"coordinate_transformation_mode {transform}")
    rounding = attributes.get("nearest_mode", "floor")  # Reading: opset 10 prints none; floor
    refuse_unless(rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"), f"nearest_mode {rounding}")
    given = arguments(opset, inputs)
    symmetric = transform == "half_pixel_symmetric"
    result, other = (
        resized(x, attributes, mode, transform, rounding, lengths(x, attributes, *given, as_given=as_given))
        for as_given in (symmetric, not symmetric)
    )
    reading = "the quotient of the lengths" if symmetric else "the scale as it is given"
    return Answer([result], others={reading: [other]})


def resized(
    x: Tensor, attributes: dict[str, Any], mode: str, transform: str, rounding: str, axes: list[Axis]
) -> Tensor:
    shape = tuple(a.out for a in axes)
    if len(x) == 0 and 0 not in shape:
        raise Undecided("something from nothing")
    outside: set[tuple[int, int]] = set()
    weights: list[list[list[tuple[int, Fraction]]]] = []
    for number, axis in enumerate(axes):
        rows = []
        for i in range(axis.out):
            place = original(axis, i, transform)
            if transform == "tf_crop_and_resize" and not 0 <= place <= axis.length - 1:
                outside.add((number, i))
                rows.append([])
            elif mode == "nearest":
                rows.append([(min(max(nearest_place(place, rounding), 0), axis.length - 1), Fraction(1))])
            else:
                flags = attributes.get("antialias", 0) != 0, attributes.get("exclude_outside", 0) != 0
                rows.append(linear_weights(place, axis, *flags))
        weights.append(rows)
    return interpolated(x, shape, weights, outside, attributes, mode)


def interpolated(
    x: Tensor,
    shape: tuple[int, ...],
    weights: list[list[list[tuple[int, Fraction]]]],
    outside: set[tuple[int, int]],
    attributes: dict[str, Any],
    mode: str,
) -> Tensor:
    codes = []
    for at in positions(shape):
        if any((axis, i) in outside for axis, i in enumerate(at)):
            codes.append(extrapolated(x.dtype, Fraction(attributes["extrapolation_value"])))
            continue
        own = [weights[axis][i] for axis, i in enumerate(at)]
        terms: list[tuple[Fraction, int]] = []
        for choice in positions([len(o) for o in own]):
            weight, place = Fraction(1), []
            for o, c in zip(own, choice):
                place.append(o[c][0])
                weight *= o[c][1]
            terms.append((weight, offset(place, x.shape)))
        if mode == "nearest":
            codes.append(x.codes[terms[0][1]])
        else:
            codes.append(average(x, terms))
    return Tensor(x.dtype, shape, codes)


def extrapolated(dtype: str, value: Fraction) -> int:
    if dtype in BINARIES:
        return rounded(dtype, (), [value]).codes[0]
    if value.denominator != 1 or value < 0:
        raise Undecided("extrapolation_value in an integer tensor")
    return int(value)


def average(x: Tensor, terms: list[tuple[Fraction, int]]) -> int:
    """Reading: locations of weight 0 take no part, so an infinity there does no harm."""
    if not x.is_float:
        raise Undecided("linear interpolation of integers: no rounding is named")
    found: list[Value] = [times(weight, x.values[place]) for weight, place in terms]
    assert not any(isinstance(weight, Special) for weight, _ in terms)
    return rounded(x.dtype, (), [total(found)]).codes[0]
