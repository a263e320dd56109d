"""Where the elements of a resized tensor lie in the original: lengths, scales and coordinates of each axis.

Texts: ONNX Resize-11, -13, -18, -19, attribute coordinate_transformation_mode. They define `scale = length_resized /
length_original`; where an axis' length times the given scale is no integer, that quotient is not the scale as given,
and engines use either.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np

from qref.errors import NotFixed
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require

Number = Callable[[Any], Any]  # what makes a number of an arithmetic: Fraction, numpy.float32


@dataclass(frozen=True)
class Axis:
    """One axis: its length, its length after resizing, the scale as given, and the region of interest.

    `given` is the factor that inputs `scales`, or `sizes` under a keep_aspect_ratio_policy, name; `start` and `end` are
    shares of the axis. An axis that is not `resizable` is copied.
    """

    length: int
    resized: int
    given: Fraction
    start: Fraction = Fraction(0)
    end: Fraction = Fraction(1)
    resizable: bool = True

    @property
    def scale(self) -> Fraction:
        """length_resized / length_original."""
        return Fraction(self.resized, self.length)


def original(mode: str, x: int, axis: Axis, scale: Fraction, number: Number, reciprocal: bool) -> Any:
    """x_original of x_resized by the formula of a coordinate_transformation_mode, in the arithmetic of `number`.

    `reciprocal`: quotients by the scale are products with 1 / scale.

    Raises:
        NotFixed: align_corners onto one element, 0 / 0.
    """
    if not axis.resizable or axis.length == 1:
        return number(min(x, axis.length - 1))
    s, one, half = number(scale), number(1), number(0.5)

    def unscaled(v: Any) -> Any:
        return v * (one / s) if reciprocal else v / s

    last, last_resized = number(axis.length - 1), number(axis.resized - 1)
    if mode == "asymmetric":
        return unscaled(number(x))
    if mode == "tf_half_pixel_for_nn":
        return unscaled(number(x) + half)
    if mode == "pytorch_half_pixel" and axis.resized == 1:
        return number(0)
    if mode == "align_corners":
        if axis.resized == 1:
            raise NotFixed("align_corners onto one element divides 0 by 0")
        return number(x) * last / last_resized
    if mode == "tf_crop_and_resize":
        start, end = number(axis.start), number(axis.end)
        if axis.resized == 1:
            return half * (start + end) * last
        return start * last + number(x) * (end - start) * last / last_resized
    if mode == "half_pixel_symmetric":
        length = number(axis.length)
        adjustment = number(axis.resized) / (number(axis.given) * length)
        return length / number(2) * (one - adjustment) + unscaled(number(x) + half) - half
    return unscaled(number(x) + half) - half


def axes_of(
    x: Tensor,
    roi: Tensor | None,
    scales: Tensor | None,
    sizes: Tensor | None,
    axes: Sequence[int] | None,
    mode: str,
    policy: str,
) -> list[Axis]:
    """Every axis of x, resized as the inputs say.

    Raises:
        InvalidInput: types or numbers of elements that the text rejects; scales and sizes both, or neither; a scale
            that is not positive.
        NotFixed: an axis twice; elements asked for of an axis that has none.
    """
    rank = len(x.shape)
    places = list(range(rank)) if axes is None else [a % rank if -rank <= a < rank else rank for a in axes]
    require(rank not in places, f"axes is {list(axes or ())}: rank {rank} takes {-rank} to {rank - 1}")
    if len(set(places)) < len(places):
        raise NotFixed(f"axes is {places}: an axis twice, whose behaviour the text leaves undefined")
    lengths = [x.shape[a] for a in places]
    factors, wanted = of_scales(scales, len(places)), of_sizes(sizes, len(places))
    require((factors is None) != (wanted is None), "give either scales or sizes")
    begins, ends = region(roi, len(places), mode)
    found = [Axis(n, n, Fraction(1), resizable=False) for n in x.shape]
    if wanted is not None:
        factors, wanted = kept_ratio(lengths, wanted, policy)
    for i, (a, n) in enumerate(zip(places, lengths, strict=True)):
        assert factors is not None
        share = ends[i] - begins[i] if mode == "tf_crop_and_resize" else Fraction(1)
        resized = wanted[i] if wanted is not None else floor(n * share * factors[i])
        if n == 0 and resized > 0:
            raise NotFixed(f"axis {a} has no elements and {resized} are asked for")
        require(resized >= 0, f"axis {a} gets length {resized}: give roi ends after their starts")
        found[a] = Axis(n, resized, factors[i], begins[i], ends[i])
    return found


def of_scales(scales: Tensor | None, n: int) -> list[Fraction] | None:
    """The scales as they stand in float32, exactly; None where there are none."""
    if scales is not None:
        dtype("scales", scales, ("float32",))
    if scales is None or scales.shape == (0,):
        return None
    require(scales.shape == (n,), f"scales has shape {list(scales.shape)}: give [{n}]")
    values = decode(scales)
    require(bool((np.isfinite(values) & (values > 0)).all()), f"scales is {values.tolist()}: give positive numbers")
    return [Fraction(v) for v in values.tolist()]


def of_sizes(sizes: Tensor | None, n: int) -> list[int] | None:
    """The sizes; None where there are none."""
    if sizes is not None:
        dtype("sizes", sizes, ("int64",))
    if sizes is None or sizes.shape == (0,):
        return None
    require(sizes.shape == (n,), f"sizes has shape {list(sizes.shape)}: give [{n}]")
    require(bool((sizes.data >= 0).all()), f"sizes is {sizes.data.tolist()}: give none below zero")
    return [int(v) for v in sizes.data]


def region(roi: Tensor | None, n: int, mode: str) -> tuple[list[Fraction], list[Fraction]]:
    """Starts and ends of the region of interest, 0 and 1 where it takes no effect."""
    if roi is not None:
        dtype("roi", roi, ("float16", "float32", "float64"))
    if mode != "tf_crop_and_resize":
        return [Fraction(0)] * n, [Fraction(1)] * n
    if roi is None:
        raise NotFixed("tf_crop_and_resize without roi: no text gives it a default")
    require(roi.shape == (2 * n,), f"roi has shape {list(roi.shape)}: give [{2 * n}]")
    values = [Fraction(v) for v in decode(roi).tolist()]
    return values[:n], values[n:]


def kept_ratio(lengths: Sequence[int], sizes: list[int], policy: str) -> tuple[list[Fraction], list[int]]:
    """Scales and lengths under a keep_aspect_ratio_policy: round_int(scale · length), halves up.

    Raises:
        NotFixed: a policy other than "stretch" on an axis without elements.
    """
    if policy == "stretch":
        return [Fraction(s, n) if n else Fraction(1) for s, n in zip(sizes, lengths, strict=True)], sizes
    if 0 in lengths:
        raise NotFixed(f"{policy} on lengths {list(lengths)}: an axis without elements has no ratio")
    ratios = [Fraction(s, n) for s, n in zip(sizes, lengths, strict=True)]
    scale = min(ratios) if policy == "not_larger" else max(ratios)
    return [scale] * len(sizes), [floor(scale * n + Fraction(1, 2)) for n in lengths]
