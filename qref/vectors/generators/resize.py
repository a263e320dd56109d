"""Cases of Resize for the suite `onnx-float`."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from qref.numerics.tensor import Tensor, tensor
from qref.ops.onnx.element_types import DATA_13
from qref.ops.onnx.resize import NEAREST
from qref.ops.request import Request
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, left_open, refused
from qref.vectors.generators.data_movement import counted, filled, int64
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import DTYPES, drawn, floats, narrow

SUITE = "onnx-float"
CROP = "tf_crop_and_resize"
MODES = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")
# lengths before and after
LENGTHS = ((4, 8), (3, 6), (2, 6), (3, 5), (5, 3), (8, 4), (6, 2), (4, 1), (1, 4), (5, 4), (4, 4))
PLACES = (
    ((2, 3), (2.0, 1.5)),
    ((3, 2), (2.0, 1.5)),
    ((3,), (0.5,)),
    ((-1, -2), (2.0, 0.5)),
    ((1,), (2.0,)),
)


def cases() -> Iterator[Case]:
    """All cases of Resize."""
    yield from nearest()
    yield from scales()
    yield from linear()
    yield from several_axes()
    yield from symmetric()
    yield from crop()
    yield from axes()
    yield from ratios()
    yield from rounded_coordinates()
    yield from types()
    yield from shapes()
    yield from errors()


def request(
    opset: int,
    x: Tensor,
    attributes: dict[str, Any],
    scales: Sequence[float] | None = None,
    sizes: Sequence[int] | None = None,
    roi: Tensor | None = None,
) -> Request:
    """A request in the form of its opset: Resize-11 takes empty tensors where later ones leave inputs out."""
    given: list[Tensor | None] = [x, roi]
    given.append(None if scales is None else floats(np.asarray(scales), "float32"))
    given.append(None if sizes is None else int64(sizes))
    if opset == 11:
        empty = floats(np.zeros(0), "float32")
        given[1:3] = [empty if one is None else one for one in given[1:3]]
    while given[-1] is None:
        given.pop()
    return ask("Resize", opset, given, attributes)


def make(slug: str, asked: Request, requirements: Sequence[str], flags: Sequence[str], comment: str) -> Case:
    """A case with the flag of its type."""
    x = asked.inputs[0]
    return judged(SUITE, slug, asked, requirements, (*flags, *narrow(x)), comment)


def image(draw: Draw, dtype: str, *lengths: int) -> Tensor:
    """One image of one channel; numbers between −4 and 4 with all their bits."""
    return drawn(draw, dtype, (1, 1, *lengths))


def nearest() -> Iterator[Case]:
    """Every coordinate mode with every rounding, lengths given."""
    for before, after in LENGTHS:
        for mode in MODES:
            if mode == "align_corners" and after == 1:
                continue
            for rounding in NEAREST:
                asked = request(
                    19 if (before + after) % 2 else 13,
                    counted((1, 1, before)),
                    {"coordinate_transformation_mode": mode, "nearest_mode": rounding},
                    sizes=(1, 1, after),
                )
                flags = ["coordinates", "nearest-mode", "downscale" if after < before else "upscale"]
                comment = f"{before} to {after}, {mode}, {rounding}"
                yield make("nearest", asked, ("QREF-FE-031", "QREF-FE-032", "QREF-FE-033"), flags, comment)
        for rounding in NEAREST[:3]:
            mode = "tf_half_pixel_for_nn"
            attributes = {"coordinate_transformation_mode": mode, "nearest_mode": rounding}
            asked = request(11, counted((before,)), attributes, sizes=(after,))
            comment = f"{before} to {after}, {mode}, {rounding}"
            flags = ["coordinates", "nearest-mode", "opset"]
            yield make("nearest", asked, ("QREF-FE-031", "QREF-FE-032", "QREF-FE-033"), flags, comment)


def scales() -> Iterator[Case]:
    """Scales that keep every length whole, and scales that do not: length_resized is rounded down."""
    for length, scale in ((4, 2.0), (3, 3.0), (8, 0.5), (2, 1.5), (4, 1.25), (6, 0.5), (8, 0.25), (5, 1.0)):
        for opset in (11, 13, 18):
            attributes = {"mode": "linear" if opset == 13 else "nearest"}
            asked = request(opset, counted((1, 1, length)), attributes, scales=(1.0, 1.0, scale))
            comment = f"{length} times {scale}"
            yield make("scales", asked, ("QREF-FE-030",), ("opset",) if opset == 11 else (), comment)
    draw = Draw("resize-fractional")
    for length, scale in ((3, 1.5), (5, 0.5), (5, 1.3), (7, 0.75), (3, 2.7), (10, 0.35), (4, 0.6)):
        for coordinates in ("half_pixel", "asymmetric"):
            attributes = {"coordinate_transformation_mode": coordinates}
            asked = request(13, image(draw, "float32", length, 2), attributes, scales=(1.0, 1.0, scale, 1.0))
            comment = f"{length} times {scale} is no integer: is the scale the quotient of the lengths, or as given?"
            yield make("fractional-scale", asked, ("QREF-FE-030", "QREF-FE-032"), ("fractional-scale",), comment)


def linear() -> Iterator[Case]:
    """Linear interpolation of one axis in every coordinate mode and type."""
    for dtype in DTYPES:
        for before, after in LENGTHS:
            for mode in MODES:
                if mode == "align_corners" and after == 1:
                    continue
                draw = Draw(f"resize-linear-{dtype}-{before}-{after}-{mode}")
                attributes = {"mode": "linear", "coordinate_transformation_mode": mode}
                opset = 13 if mode == "half_pixel" else 19
                asked = request(opset, image(draw, dtype, 2, before), attributes, sizes=(1, 1, 2, after))
                flags = ["coordinates", "linear", "downscale" if after < before else "upscale"]
                comment = f"{before} to {after}, {mode}"
                yield make("linear", asked, ("QREF-FE-031", "QREF-FE-032", "QREF-FE-034"), flags, comment)
    for exclude in (0, 1):
        x = floats([[[1.0, 3.0, 11.0, -5.0]]], "float32")
        comment = "coordinates beyond the ends: the end, whatever exclude_outside says"
        asked = request(13, x, {"mode": "linear", "exclude_outside": exclude}, scales=(1.0, 1.0, 4.0))
        yield make("linear-ends", asked, ("QREF-FE-034", "QREF-FE-039"), ("beyond-ends", "linear"), comment)


def several_axes() -> Iterator[Case]:
    """Two and three axes at once, each by its own factor."""
    for dtype in DTYPES:
        for mode in ("nearest", "linear"):
            for lengths, after in (((3, 4), (6, 2)), ((2, 5), (5, 8)), ((4, 4), (2, 2)), ((3, 2), (3, 6))):
                for coordinates in ("half_pixel", "align_corners", "asymmetric"):
                    draw = Draw(f"resize-two-{dtype}-{mode}-{lengths}-{after}-{coordinates}")
                    attributes = {"mode": mode, "coordinate_transformation_mode": coordinates}
                    x = drawn(draw, dtype, (1, 2, *lengths))
                    asked = request(13, x, attributes, sizes=(1, 2, *after))
                    comment = f"{list(lengths)} to {list(after)}, {coordinates}"
                    requirements = ("QREF-FE-032", "QREF-FE-034" if mode == "linear" else "QREF-FE-033")
                    flags = ("several-axes", "coordinates", *(("linear",) if mode == "linear" else ()))
                    yield make("two-axes", asked, requirements, flags, comment)
    for mode in ("nearest", "linear"):
        draw = Draw(f"resize-three-{mode}")
        asked = request(18, image(draw, "float32", 2, 3, 2), {"mode": mode}, scales=(1.0, 1.0, 2.0, 1.0, 1.5))
        flags = ("several-axes", "three-dimensional", *(("linear",) if mode == "linear" else ()))
        requirement = "QREF-FE-034" if mode == "linear" else "QREF-FE-033"
        yield make("three-axes", asked, ("QREF-FE-032", requirement), flags, "[2, 3, 2] to [4, 3, 3]")
    batch = drawn(Draw("resize-batch"), "float32", (2, 3, 2, 2))
    asked = request(19, batch, {"mode": "linear"}, scales=(1.0, 1.0, 2.0, 2.0))
    flags = ("batch", "linear", "several-axes")
    yield make("batch", asked, ("QREF-FE-032", "QREF-FE-034"), flags, "2 images of 3 channels")


def symmetric() -> Iterator[Case]:
    """half_pixel_symmetric, of opset 19: it differs from half_pixel only where length · scale is no integer."""
    draw = Draw("resize-symmetric")
    rows = (4, 2.0), (5, 0.5), (7, 0.75), (3, 1.5), (5, 1.25), (6, 0.375), (4, 0.625), (5, 0.75), (4, 1.625), (5, 1.75)
    for length, scale in rows:
        fractional = not (length * scale).is_integer()
        for mode in ("nearest",) if fractional else ("nearest", "linear"):
            attributes = {"mode": mode, "coordinate_transformation_mode": "half_pixel_symmetric"}
            asked = request(19, image(draw, "float32", 1, length), attributes, scales=(1.0, 1.0, 1.0, scale))
            flags = ["coordinates", "opset", *(["fractional-scale"] if fractional else [])]
            comment = f"{length} times {scale}"
            yield make("symmetric", asked, ("QREF-FE-037",), flags, comment)


def crop() -> Iterator[Case]:
    """Regions of interest, inside and beyond the input, where extrapolation_value stands."""
    draw = Draw("resize-crop")
    regions = (
        ((0.0, 1.0), 5, "the whole"),
        ((0.25, 0.75), 3, "the middle"),
        ((0.5, 1.5), 4, "half beyond the end"),
        ((-0.5, 0.5), 4, "half before the beginning"),
        ((1.0, 0.0), 5, "backwards"),
        ((0.25, 0.5), 1, "one element, the middle of the region"),
        ((1.25, 2.0), 3, "all beyond the end"),
    )
    for (start, end), after, comment in regions:
        for mode in ("nearest", "linear"):
            for value, opset in ((0.0, 11), (-7.5, 13)):
                attributes = {"mode": mode, "coordinate_transformation_mode": CROP, "extrapolation_value": value}
                roi = floats([0.0, 0.0, 0.0, start, 1.0, 1.0, 1.0, end], "float32")
                asked = request(opset, image(draw, "float32", 2, 5), attributes, sizes=(1, 1, 2, after), roi=roi)
                flags = ("crop", *(("beyond-ends",) if not (0 <= start <= 1 and 0 <= end <= 1) else ()))
                requirement = "QREF-FE-034" if mode == "linear" else "QREF-FE-033"
                yield make("crop", asked, ("QREF-FE-032", "QREF-FE-036", requirement), flags, comment)
    attributes = {"mode": "linear", "coordinate_transformation_mode": CROP}
    roi = floats([0.0, 0.0, 0.25, 0.0, 1.0, 1.0, 0.75, 0.5], "float32")
    asked = request(13, image(draw, "float32", 5, 5), attributes, scales=(1.0, 1.0, 2.0, 4.0), roi=roi)
    comment = "lengths are ⌊length · (end − start) · scale⌋"
    yield make("crop", asked, ("QREF-FE-030", "QREF-FE-036"), ("crop", "several-axes"), comment)


def axes() -> Iterator[Case]:
    """Scales and sizes for some axes only, in any order, from opset 18 on."""
    draw = Draw("resize-axes")
    for opset in (18, 19):
        for places, factors in PLACES:
            for mode in ("nearest", "linear"):
                x = drawn(draw, "float32", (1, 2, 2, 4))
                asked = request(opset, x, {"mode": mode, "axes": list(places)}, scales=factors)
                flags = ["resize-axes", *(["negative-axis"] if min(places) < 0 else [])]
                comment = f"factors {list(factors)} for axes {list(places)}"
                yield make("axes", asked, ("QREF-FE-035", "QREF-FE-030"), flags, comment)
        asked = request(opset, counted((1, 1, 2, 3)), {"axes": [3, 2]}, sizes=(6, 4))
        comment = "sizes 6 and 4 for axes 3 and 2"
        yield make("axes", asked, ("QREF-FE-035", "QREF-FE-031"), ("resize-axes",), comment)


def ratios() -> Iterator[Case]:
    """keep_aspect_ratio_policy: one factor for all axes, the smallest or the largest; halves round up."""
    draw = Draw("resize-ratios")
    for lengths, sizes in (((2, 4), (6, 8)), ((4, 3), (2, 6)), ((2, 3), (5, 7)), ((4, 6), (3, 9)), ((3, 5), (3, 2))):
        for policy in ("stretch", "not_larger", "not_smaller"):
            for mode in ("nearest", "linear"):
                if mode == "linear" and policy != "stretch" and has_two_scales(lengths, sizes, policy):
                    continue
                attributes = {"mode": mode, "keep_aspect_ratio_policy": policy, "axes": [2, 3]}
                asked = request(18, image(draw, "float32", *lengths), attributes, sizes=sizes)
                comment = f"{list(lengths)} to {list(sizes)}, {policy}"
                yield make("ratio", asked, ("QREF-FE-031",), ("aspect-ratio",), comment)


def has_two_scales(lengths: Sequence[int], sizes: Sequence[int], policy: str) -> bool:
    """Whether the common factor of a policy leaves some length no whole number."""
    factors = [Fraction(size, length) for size, length in zip(sizes, lengths, strict=True)]
    factor = min(factors) if policy == "not_larger" else max(factors)
    return any((factor * length).denominator > 1 for length in lengths)


def rounded_coordinates() -> Iterator[Case]:
    """Scales that are no binary fractions: exact coordinates lie beside the boundary that decimal ones would hit."""
    for length, scale, rounding in (
        (10, 0.6, "floor"),
        (6, 1.2, "ceil"),
        (7, 1.4, "round_prefer_ceil"),
        (10, 0.3, "round_prefer_floor"),
        (3, 1.7, "floor"),
        (9, 0.7, "ceil"),
        (20, 0.15, "floor"),
    ):
        for coordinates in ("half_pixel", "asymmetric"):
            attributes = {"coordinate_transformation_mode": coordinates, "nearest_mode": rounding}
            asked = request(13, counted((1, 1, length)), attributes, scales=(1.0, 1.0, scale))
            comment = f"{length} times {scale} as float32, {rounding}"
            flags = ("coordinate-rounding", "nearest-mode")
            yield make("coordinate-rounding", asked, ("QREF-FE-032", "QREF-FE-033"), flags, comment)


def types() -> Iterator[Case]:
    """Nearest elements of every type."""
    draw = Draw("resize-types")
    for dtype in DATA_13:
        x = filled(draw, dtype, (1, 1, 2, 2))
        for opset in (13,) if dtype == "bfloat16" else (11, 19):
            asked = request(opset, x, {}, scales=(1.0, 1.0, 2.0, 1.5))
            yield make("type", asked, ("QREF-FE-033",), ("every-type",), f"nearest elements of {dtype}")
    attributes = {"coordinate_transformation_mode": CROP, "extrapolation_value": 9.0}
    roi = floats([0.5, 1.5], "float32")
    asked = request(13, tensor([1, 2, 3], "int8"), attributes, sizes=(3,), roi=roi)
    yield make("type", asked, ("QREF-FE-036",), ("crop", "beyond-ends"), "extrapolation_value in int8")


def shapes() -> Iterator[Case]:
    """Every rank, no elements, sizes and scales that change nothing."""
    rows: tuple[tuple[tuple[int, ...], tuple[float, ...]], ...] = (
        ((3,), (2.0,)),
        ((2, 2), (1.0, 2.0)),
        ((1, 1, 2, 1, 2), (1.0, 1.0, 1.0, 2.0, 2.0)),
        ((0, 2), (1.0, 2.0)),
        ((2, 3), (0.25, 1.0)),
        ((2, 3), (1.0, 1.0)),
    )
    for shape, factors in rows:
        for mode in ("nearest", "linear"):
            x = drawn(Draw(f"resize-{shape}"), "float32", shape)
            asked = request(13, x, {"mode": mode}, scales=factors)
            flags = ["zero-size"] if 0 in shape or shape[0] * factors[0] < 1 else []
            yield make("shape", asked, ("QREF-FE-030",), flags, f"{list(shape)} times {list(factors)}")


def errors() -> Iterator[Case]:
    """What the text rules out."""
    x = counted((1, 1, 2, 2))
    two = (1.0, 1.0, 2.0, 2.0)
    rows: list[tuple[Request, str]] = [
        (request(13, x, {}, scales=two, sizes=(1, 1, 4, 4)), "scales and sizes"),
        (request(13, x, {}), "neither scales nor sizes"),
        (request(13, x, {}, scales=(2.0, 2.0)), "two scales for four axes"),
        (request(13, x, {}, scales=(1.0, 1.0, 0.0, 2.0)), "a scale of zero"),
        (request(13, x, {}, scales=(1.0, 1.0, -1.0, 2.0)), "a negative scale"),
        (request(13, x, {}, sizes=(4, 4)), "two sizes for four axes"),
        (request(18, x, {"axes": [4]}, scales=(2.0,)), "axis 4 of rank 4"),
        (request(18, x, {"axes": [2, 3]}, scales=two), "four scales for two axes"),
        (request(13, x, {"mode": "quadratic"}, scales=two), "no such mode"),
        (request(13, x, {"nearest_mode": "round"}, scales=two), "no such nearest_mode"),
        (request(18, x, {"keep_aspect_ratio_policy": "largest"}, sizes=(1, 1, 4, 4)), "no such policy"),
        (request(18, x, {"coordinate_transformation_mode": "half_pixel_symmetric"}, scales=two), "comes with opset 19"),
        (request(13, x, {"coordinate_transformation_mode": "tf_half_pixel_for_nn"}, scales=two), "went with opset 13"),
        (request(11, floats(np.ones((1, 1, 2, 2)), "bfloat16"), {}, scales=two), "bfloat16 comes with opset 13"),
    ]
    for asked, comment in rows:
        yield refused(SUITE, "error", asked, ("QREF-FE-038",), ("error",), comment)


def open_cases() -> Iterator[Case]:
    """What no text fixes."""
    x = floats(np.arange(1.0, 5.0).reshape(1, 1, 4), "float32")
    corners = {"coordinate_transformation_mode": "align_corners"}
    symmetric = {"coordinate_transformation_mode": "half_pixel_symmetric"}
    infinite = floats([[[1.0, np.inf, 2.0]]], "float32")
    rows = (
        (request(13, x, corners, sizes=(1, 1, 1)), "align_corners onto one element: 0 / 0"),
        (request(13, x, {**corners, "mode": "linear"}, sizes=(1, 1, 1)), "align_corners onto one element: 0 / 0"),
        (request(13, tensor([[[1, 2, 4]]], "uint8"), {"mode": "linear"}, scales=(1.0, 1.0, 2.0)), "averages of uint8"),
        (request(13, infinite, {"mode": "linear"}, scales=(1.0, 1.0, 2.0)), "∞ with weight 0"),
        (request(18, x, {"axes": [2, 2]}, scales=(2.0, 2.0)), "an axis twice"),
        (request(13, x, {"coordinate_transformation_mode": CROP}, sizes=(1, 1, 3)), "a crop without roi"),
        (request(13, x, {"mode": "linear"}, scales=(1.0, 1.0, 1.375)), "linear, 4 times 1.375: which scale is meant?"),
        (
            request(19, x, {"mode": "linear", **symmetric}, scales=(1.0, 1.0, 0.625)),
            "linear, symmetric: which scale?",
        ),
        (request(13, counted((1, 1, 10)), {}, scales=(1.0, 1.0, 0.7)), "10 · 0.7 is 6.9999999, in float32 it is 7"),
    )
    for asked, comment in rows:
        yield left_open("open-behaviour", "undefined", asked, (), comment)
