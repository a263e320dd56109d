"""Cases of ShiftConv: weights that are powers of two."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

SUM, UNIT, FITS = "QREF-CV-016", "QREF-CV-017", "QREF-CV-018"
TYPES = ("int8", "uint8", "int16")
GEOMETRIES: tuple[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any], tuple[str, ...]], ...] = (
    ((1, 3, 4, 5), (2, 3, 3, 3), {}, ()),
    ((2, 2, 4, 4), (3, 2, 3, 3), {"pads": [1, 1, 1, 1]}, ("padding", "batch")),
    ((1, 2, 5, 4), (2, 2, 3, 2), {"pads": [0, 2, 1, 0], "strides": [2, 1]}, ("padding", "stride")),
    ((1, 2, 6, 6), (2, 2, 2, 3), {"dilations": [2, 2], "pads": [1, 0, 0, 1]}, ("padding", "dilation")),
    ((1, 4, 4, 3), (4, 2, 2, 2), {"group": 2}, ("group",)),
    ((1, 3, 4, 4), (6, 1, 3, 3), {"group": 3, "pads": [1, 1, 1, 1]}, ("depthwise", "padding")),
    ((1, 3, 9), (2, 3, 4), {"strides": [2]}, ("one-dimensional", "stride")),
    ((1, 2, 3, 3, 3), (2, 2, 2, 2, 2), {"pads": [0, 1, 0, 1, 0, 0]}, ("three-dimensional", "padding")),
    ((1, 2, 5, 5), (2, 2, 2, 2), {"auto_pad": "SAME_UPPER"}, ("same-upper", "padding")),
    ((1, 2, 5, 5), (2, 2, 2, 2), {"auto_pad": "SAME_LOWER"}, ("same-lower", "padding")),
)  # fmt: skip


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    made = Cases(suite)
    yield from made.geometries()
    yield from made.halves()
    yield from made.zeros()
    yield from made.lengths()
    yield from made.ends()
    yield from made.errors()


class Cases:
    """The cases of one suite, from one stream of numbers."""

    def __init__(self, suite: str) -> None:
        self.suite = suite
        self.draw = Draw("shift-conv")

    def signs(self, shape: tuple[int, ...]) -> NDArray[Any]:
        """−1, 0 or +1, a fifth of them 0."""
        return np.array([-1, -1, 0, 1, 1])[self.draw.integers(0, 4, shape)]

    def image(self, dtype: str, shape: tuple[int, ...]) -> Tensor:
        """Integers anywhere in the type, half of them near its ends or zero."""
        ends = np.iinfo(dtype)
        return tensor(self.draw.edges(int(ends.min), int(ends.max), shape), dtype)

    def case(
        self,
        slug: str,
        x: Tensor,
        signs: NDArray[Any],
        exponents: NDArray[Any],
        flags: tuple[str, ...],
        comment: str,
        **attributes: Any,
    ) -> Case:
        """One case."""
        operands = (x, tensor(signs, "int8"), tensor(exponents, "int8"))
        request = ask("ShiftConv", 1, operands, attributes, "qref")
        return judged(self.suite, slug, request, (SUM, UNIT), flags, comment)

    def geometries(self) -> Iterator[Case]:
        """Every attribute of a convolution, exponents from −7 to 0."""
        for i, (x, w, attributes, flags) in enumerate(GEOMETRIES):
            dtype = TYPES[i % 3]
            comment = f"x {dtype} {list(x)}, w {list(w)}, exponents −7 to 0"
            exponents = self.draw.integers(-7, 0, w)
            flags = ("negative-exponents", "zero-weights", *flags)
            yield self.case(
                "geometry", self.image(dtype, x), self.signs(w), exponents, flags, comment, lowest=-7, **attributes
            )

    def halves(self) -> Iterator[Case]:
        """Odd integers under weights below one: what a shift to the right drops."""
        odd = np.array([-1, -3, 5, -7, 127, -127, 1, -5])
        for lowest in (-1, -2, -5, -7):
            shape = (3, 8, 1, 1)
            exponents = self.draw.integers(lowest, 0, shape)
            exponents[0] = lowest
            signs = np.where(self.signs(shape) < 0, -1, 1)
            x = tensor(odd.reshape(1, 8, 1, 1), "int8")
            comment = f"odd integers times 2^{lowest} to 1; the first channel times 2^{lowest} only"
            yield self.case("halves", x, signs, exponents, ("negative-exponents",), comment, lowest=lowest)
        x = tensor(np.array([[[-1]], [[-1]]]).reshape(1, 2, 1, 1), "int8")
        comment = "−1 halved twice: together −1, and not −2 or 0"
        yield self.case(
            "halves", x, np.ones((1, 2, 1, 1)), np.full((1, 2, 1, 1), -1), ("negative-exponents",), comment, lowest=-1
        )

    def zeros(self) -> Iterator[Case]:
        """Weights that are zero, whatever their exponents."""
        shape = (2, 3, 2, 2)
        for lowest, low, high in ((0, 0, 5), (-4, -4, 3), (-3, -128, 127)):
            signs = self.signs(shape)
            signs[:, 1] = 0
            exponents = np.where(signs == 0, self.draw.integers(low, high, shape), self.draw.integers(lowest, 2, shape))
            comment = f"a third of the weights and more is zero, with exponents {low} to {high}"
            yield self.case(
                "zeros", self.image("int8", (1, 3, 3, 3)), signs, exponents, ("zero-weights",), comment, lowest=lowest
            )
        x, ones = tensor([[[[5]], [[-7]], [[9]]]], "int8"), np.array([[1, 0, -1]]).reshape(1, 3, 1, 1)
        exponents = np.array([[2, -128, 1]]).reshape(1, 3, 1, 1)
        comment = "an exponent of −128 where the weight is zero: the unit stays 1, and the sum 5·4 − 9·2"
        yield self.case("zeros", x, ones, exponents, ("zero-weights",), comment)
        nothing = np.zeros((2, 2, 2, 2))
        for exponent in (0, 3, -128):
            yield self.case(
                "zeros",
                self.image("uint8", (1, 2, 3, 3)),
                nothing,
                nothing + exponent,
                ("zero-weights",),
                f"no weight at all, exponents {exponent}",
            )

    def lengths(self) -> Iterator[Case]:
        """Shifts beyond the type of x, beyond 16 and beyond 32 bits; exponents above zero."""
        for low, high in ((0, 6), (2, 9), (5, 16)):
            shape = (3, 3, 2, 1)
            comment = f"exponents {low} to {high}, in units of 2^{low}"
            exponents = self.draw.integers(low, high, shape)
            flags = ("long-shifts",)
            yield self.case(
                "above-one", self.image("int8", (1, 3, 3, 2)), self.signs(shape), exponents, flags, comment, lowest=low
            )
        for dtype, low, high in (("int8", -20, 20), ("uint8", -31, 2), ("int16", -16, 16), ("int8", -25, 25)):
            shape = (3, 3, 1, 2)
            exponents = self.draw.integers(low, high, shape)
            exponents[:, 0], exponents[:, 1] = high, np.arange(3).reshape(3, 1, 1) + low
            comment = f"shifts up to {high - low}, sums of 64 bits"
            yield self.case(
                "long",
                self.image(dtype, (1, 3, 2, 3)),
                np.where(self.signs(shape) < 0, -1, 1),
                exponents,
                ("long-shifts", "negative-exponents"),
                comment,
                lowest=low,
                accumulator="int64",
            )
        for by in (31, 32, 33, 40):
            x, one = tensor([[[[-3, 5]]]], "int8"), np.ones((1, 1, 1, 1))
            comment = f"one weight, shifted by {by}"
            yield self.case(
                "one-weight", x, one, one * (by - 32), ("long-shifts",), comment, lowest=-32, accumulator="int64"
            )

    def ends(self) -> Iterator[Case]:
        """Sums at the end of their type, tails of channels, no output channel."""
        for (dtype, most), width in product((("int8", 128), ("uint8", 255), ("int16", 32768)), (32, 64)):
            room = (2 ** (width - 1) - 1) // most
            bits = np.array([i for i in range(width) if room >> i & 1])
            shape = (2, len(bits), 1, 1)
            signs = np.ones(shape)
            signs[1] = -1
            ends = np.iinfo(dtype)
            x = tensor(np.array([ends.min, ends.max, -(ends.min < 0)]).repeat(len(bits)).reshape(3, -1, 1, 1), dtype)
            comment = f"weights that sum up to {room}: the most for {dtype} in {width} bits"
            exponents = np.tile(bits, (2, 1)).reshape(shape)
            sums = {"accumulator": "int64"} if width == 64 else {}
            yield self.case("reach", x, signs, exponents, ("range-ends", "long-shifts"), comment, **sums)
        for C, M in ((1, 1), (7, 3), (33, 17)):
            shape = (M, C, 1, 1)
            comment = f"{C} input and {M} output channels"
            yield self.case(
                "channels",
                self.image("int8", (1, C, 3, 3)),
                self.signs(shape),
                self.draw.integers(-3, 3, shape),
                ("channel-tail", "negative-exponents"),
                comment,
                lowest=-3,
            )
        none = np.zeros((0, 2, 1, 1))
        yield self.case("no-channel", self.image("int8", (1, 2, 2, 2)), none, none, ("zero-size",), "no output channel")

    def errors(self) -> Iterator[Case]:
        """What is ruled out."""
        x = tensor(np.ones((1, 2, 2, 2)), "int8")
        ones, zeros = np.ones((1, 2, 1, 1)), np.zeros((1, 2, 1, 1))
        two, halves = ones.copy(), zeros.copy()
        two[0, 1], halves[0, 1] = 2, -1
        rows: tuple[tuple[str, str, Tensor, Any, Any, dict[str, Any]], ...] = (
            (SUM, "a sign of 2", x, two, zeros, {}),
            (SUM, "a sign of −2", x, -two, zeros, {}),
            (UNIT, "an exponent of −1, the lowest is said to be 0", x, ones, halves, {}),
            (FITS, "sums could reach 128·2^24", x, ones, zeros + 23, {}),
            (FITS, "a shift by 255", x, ones, zeros + 127, {"lowest": -128, "accumulator": "int64"}),
            (FITS, "sums of 64 bits could reach 128·2^56", x, ones, zeros + 55, {"accumulator": "int64"}),
            (UNIT, "a lowest exponent of 128", x, ones, zeros + 127, {"lowest": 128}),
            (SUM, "sums of 16 bits", x, ones, zeros, {"accumulator": "int16"}),
            (SUM, "exponents of another shape", x, ones, np.zeros((1, 2, 1)), {}),
            (SUM, "x of int32", tensor(np.ones((1, 2, 2, 2)), "int32"), ones, zeros, {}),
            (SUM, "3 channels where weights have 2", tensor(np.ones((1, 3, 2, 2)), "int8"), ones, zeros, {}),
        )
        for requirement, comment, image, signs, exponents, attributes in rows:
            operands = (image, tensor(signs, "int8"), tensor(exponents, "int8"))
            request = ask("ShiftConv", 1, operands, attributes, "qref")
            yield refused(self.suite, "refused", request, (requirement,), ("error",), comment)
