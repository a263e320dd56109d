"""ShiftConv and BitSerialConv with other products, planes or padding than theirs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qref.conv.bit_serial import Code, code_of
from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.mistakes.altered_request import check
from qref.mistakes.products import Array
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.onnx.auto_pad import ATTRIBUTES, geometry
from qref.ops.request import Request


@dataclass(frozen=True, eq=False)
class Shift:
    """A valid request of ShiftConv, in int64."""

    x: Array
    signs: Array
    exponents: Array
    lowest: int
    geometry: Geometry

    @property
    def by(self) -> Array:
        """e − lowest; 0 at least where the sign is 0."""
        return np.where(self.signs == 0, np.maximum(self.exponents - self.lowest, 0), self.exponents - self.lowest)


def of_products(request: Request, product: Callable[[Shift], Callable[[Array, Array], Array]]) -> list[Tensor]:
    """The answer where a product is `product(...)(x, place)` of a pixel tensor and the number of a weight.

    Weights are taken one by one: [N, C/G, o1, …] of pixels under a tap with the flat places [M_g, C/G] of the weights.
    """
    found = shift_of(request)
    M, C_g = found.signs.shape[:2]
    G, places = found.geometry.group, np.arange(found.signs.size).reshape(found.signs.shape)
    y: Array = np.zeros((len(found.x), M, *found.geometry.output(found.x.shape[2:])), np.int64)
    times = product(found)
    for tap in np.ndindex(*found.geometry.kernel):
        outputs, pixels = found.geometry.along(tap, found.x.shape[2:])
        for m in range(M):
            first = m // (M // G) * C_g
            for c in range(C_g):
                added = times(found.x[(slice(None), first + c, *pixels)], places[(m, c, *tap)])
                y[:, m][(slice(None), *outputs)] += added
    return shift_answer(request, y)


def shift_of(request: Request) -> Shift:
    """The operands of a request; raises Unsupported for another operator, and what the reference raises."""
    check(request, ("ShiftConv",))
    x, signs, exponents = (one.data.astype(np.int64) for one in request.inputs if one is not None)
    return Shift(x, signs, exponents, request.attributes.get("lowest", 0), windows(request, x, signs))


def shift_answer(request: Request, y: Array) -> list[Tensor]:
    """Sums in the type of the request, wrapped where they leave it."""
    dtype = request.attributes.get("accumulator", "int32")
    return [Tensor(dtype, wrap(y, 32).astype(dtype) if dtype == "int32" else y.astype(dtype))]


@dataclass(frozen=True, eq=False)
class Planes:
    """A valid request of BitSerialConv: integers in int64, and their codes."""

    x: Array
    w: Array
    x_code: Code
    w_code: Code
    geometry: Geometry

    def bits(self, of_x: bool) -> Array:
        """The planes of an operand, [n, …] of 0 and 1."""
        values, code = (self.x, self.x_code) if of_x else (self.w, self.w_code)
        pattern = values - code.offset >> (1 if code.kind == "bipolar" else 0)
        return np.stack([pattern >> i & 1 for i in range(code.bits)])


def planes_of(request: Request) -> Planes:
    """The operands of a request; raises Unsupported for another operator, and what the reference raises."""
    check(request, ("BitSerialConv",))
    x, w = (one for one in request.inputs if one is not None)
    given = request.attributes
    w_bits, bipolar = given.get("w_bits", 8), given.get("w_code") == "bipolar"
    w_code = Code(w_bits, "bipolar") if bipolar else code_of(w.data.dtype, w_bits)
    wide_x, wide_w = x.data.astype(np.int64), w.data.astype(np.int64)
    return Planes(
        wide_x, wide_w, code_of(x.data.dtype, given.get("x_bits", 8)), w_code, windows(request, wide_x, wide_w)
    )


def read_otherwise(request: Request, x_factors: list[int], w_factors: list[int], w_offset: int) -> list[Tensor]:
    """The answer where the planes count these factors."""
    found = planes_of(request)
    x = sum(factor * plane for factor, plane in zip(x_factors, found.bits(True)))
    w = sum(factor * plane for factor, plane in zip(w_factors, found.bits(False))) + np.int64(w_offset)
    return sums(direct(np.asarray(x), np.asarray(w), found.geometry))


def sums(y: Array) -> list[Tensor]:
    """int32 of sums, wrapped where they leave it."""
    return [Tensor("int32", wrap(y, 32).astype(np.int32))]


def windows(request: Request, x: Array, w: Array) -> Geometry:
    """The geometry of a valid request."""
    return geometry(x.shape, w.shape, **{name: v for name, v in request.attributes.items() if name in ATTRIBUTES})
