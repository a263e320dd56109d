"""A convolution or pooling under another geometry than its own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from qref.conv.geometry import Geometry
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.pools import POOLS, windows
from qref.mistakes.products import CONVOLUTIONS, Array, convolved, from_accumulator, left_of, operands
from qref.mistakes.products import geometry_of as convolution
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

WINDOWS = CONVOLUTIONS + POOLS


def same(request: Request) -> bool:
    """Whether padding is SAME_UPPER or SAME_LOWER."""
    return bool(request.attributes.get("auto_pad", "NOTSET").startswith("SAME"))


def explicit(request: Request) -> bool:
    """Whether padding is that of the attribute `pads`."""
    return bool(request.attributes.get("auto_pad", "NOTSET") == "NOTSET")


def spatial(request: Request) -> tuple[int, ...]:
    """Lengths of the image."""
    return left_of(request).shape[2:]


def geometry_of(request: Request) -> Geometry:
    """The geometry of a valid convolution or pooling."""
    return windows(request).geometry if request.op in POOLS else convolution(request)


def same_pads(request: Request, totals: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Padding before and behind the image of a SAME convolution that pads `totals` in all."""
    smaller, larger = tuple(total // 2 for total in totals), tuple(total - total // 2 for total in totals)
    return (smaller, larger) if request.attributes["auto_pad"] == "SAME_UPPER" else (larger, smaller)


def under(
    request: Request,
    alter: Callable[[Geometry], Geometry],
    where: Callable[[Request], bool] = lambda request: True,
    operators: Sequence[str] = WINDOWS,
) -> list[Tensor]:
    """The reference's answer where the geometry is `alter`'s; the right one where not `where(request)`."""
    check(request, operators)
    own = geometry_of(request)
    if not where(request) or (other := alter(own)) == own:
        return rerun(request)
    attributes: dict[str, Any] = {"auto_pad": None, "pads": [*other.pads_begin, *other.pads_end]}
    if other.strides != own.strides:
        attributes["strides"] = list(other.strides)
    if other.dilations != own.dilations:
        attributes["dilations"] = list(other.dilations)
    return rerun(request, attributes=attributes)


def cropped(request: Request, windows: Sequence[int]) -> list[Tensor]:
    """The right answer with only the first `windows` outputs in each dimension."""
    return [Tensor(y.dtype, first(y.data, windows)) for y in rerun(request)]


def undilated(request: Request) -> list[Tensor]:
    """The answer of a valid convolution whose windows begin where they should, and take neighbours."""
    found, own = operands(request), convolution(request)
    image = own.pad(found.left - found.left_zero)
    ends = [(p - 1) * s + k for p, s, k in zip(own.output(found.left.shape[2:]), own.strides, own.kernel, strict=True)]
    nothing = (0,) * len(own.kernel)
    together = replace(own, dilations=(1,) * len(own.kernel), pads_begin=nothing, pads_end=nothing)
    sums = convolved(request, first(image, ends), found.right - found.right_zero, together)
    return from_accumulator(request, sums)


def first(values: Array, lengths: Sequence[int]) -> Array:
    """The first elements along the spatial dimensions of [N, C, …]."""
    everything: list[slice] = [slice(None)] * 2
    found: Array = values[tuple(everything + [slice(length) for length in lengths])]
    return found
