"""Cases of BitSerialConv: integers as planes of bits."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qref.conv.bit_serial import Code
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.shift_conv import GEOMETRIES

SUM, ZERO, FITS = "QREF-CV-019", "QREF-CV-020", "QREF-CV-021"
DTYPES = {"signed": "int8", "unsigned": "uint8", "bipolar": "int8"}


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    made = Cases(suite)
    yield from made.widths()
    yield from made.ends()
    yield from made.channels()
    yield from made.geometries()
    yield from made.long_counts()
    yield from made.eight_bipolar_bits()
    yield from made.errors()


class Cases:
    """The cases of one suite, from one stream of numbers."""

    def __init__(self, suite: str) -> None:
        self.suite = suite
        self.draw = Draw("bit-serial-conv")

    def integers(self, code: Code, shape: tuple[int, ...]) -> NDArray[Any]:
        """Integers of a code, half of them near its ends."""
        drawn = self.draw.edges(*code.ends, shape)
        return drawn | 1 if code.kind == "bipolar" else drawn

    def case(
        self,
        slug: str,
        x: ArrayLike,
        w: ArrayLike,
        codes: tuple[Code, Code],
        flags: tuple[str, ...],
        comment: str,
        **attributes: Any,
    ) -> Case:
        """One case; flags say what its codes are as well."""
        x_code, w_code = codes
        operands = (tensor(np.asarray(x), DTYPES[x_code.kind]), tensor(np.asarray(w), DTYPES[w_code.kind]))
        widths: dict[str, Any] = {"x_bits": x_code.bits, "w_bits": w_code.bits}
        widths["w_code"] = "bipolar" if w_code.kind == "bipolar" else "integer"
        flags = (
            *flags,
            *(("planes",) if x_code.bits > 1 and w_code.bits > 1 else ()),
            *(("top-plane",) if "signed" in (x_code.kind, w_code.kind) else ()),
            *(("unsigned-codes",) if "unsigned" in (x_code.kind, w_code.kind) else ()),
            *(("bipolar",) if w_code.kind == "bipolar" else ()),
        )
        request = ask("BitSerialConv", 1, operands, {**widths, **attributes}, "qref")
        return judged(self.suite, slug, request, (SUM, ZERO), tuple(dict.fromkeys(flags)), comment)

    def widths(self) -> Iterator[Case]:
        """Widths from one bit to eight on either side, in every pair of codes."""
        kinds = list(product(("unsigned", "signed"), ("signed", "bipolar", "unsigned")))
        for i, (x_bits, w_bits) in enumerate(product((1, 2, 3, 5, 8), (1, 2, 4, 7, 8))):
            for x_kind, w_kind in (kinds[i % 6], kinds[(i + 3) % 6]):
                if w_kind == "bipolar" and w_bits == 8:
                    continue
                codes = Code(x_bits, x_kind), Code(w_bits, w_kind)
                x, w = self.integers(codes[0], (1, 5, 3, 3)), self.integers(codes[1], (2, 5, 2, 2))
                comment = f"x of {x_bits} bits, {x_kind}; w of {w_bits} bits, {w_kind}"
                yield self.case("widths", x, w, codes, (), comment)

    def ends(self) -> Iterator[Case]:
        """All integers at one end of their code."""
        for x_code, w_code in (
            (Code(8, "signed"), Code(8, "signed")),
            (Code(8, "unsigned"), Code(8, "unsigned")),
            (Code(4, "signed"), Code(4, "signed")),
            (Code(2, "unsigned"), Code(2, "bipolar")),
            (Code(1, "signed"), Code(1, "signed")),
            (Code(1, "unsigned"), Code(1, "bipolar")),
        ):
            for end, other in ((0, 0), (1, 0), (0, 1)):
                x, w = np.full((1, 9, 2, 2), x_code.ends[end]), np.full((2, 9, 2, 2), w_code.ends[other])
                comment = f"36 products of {x_code.ends[end]} and {w_code.ends[other]}"
                yield self.case("ends", x, w, (x_code, w_code), ("range-ends",), comment)

    def channels(self) -> Iterator[Case]:
        """Counts of channels around bytes and words."""
        for i, C in enumerate((1, 7, 8, 9, 31, 32, 33, 63, 64, 65)):
            for codes in (
                (Code(2, "unsigned"), Code(2, "signed")),
                (Code(1, "unsigned"), Code(1, "bipolar")),
                (Code(3, "signed"), Code(2, "bipolar")),
            )[i % 3 :]:
                x, w = self.integers(codes[0], (1, C, 2, 3)), self.integers(codes[1], (3, C, 1, 2))
                yield self.case("channels", x, w, codes, ("channel-tail",), f"{C} channels")
        codes = Code(8, "unsigned"), Code(8, "signed")
        x, w = self.draw.integers(200, 255, (1, 40, 1, 2)), self.draw.integers(90, 127, (2, 40, 1, 1))
        yield self.case("long-sum", x, w, codes, ("int16-sums",), "40 products of some 25,000: beyond int16")
        codes = Code(4, "signed"), Code(4, "signed")
        x, w = np.full((1, 600, 1, 1), -8), np.full((2, 600, 1, 1), [[[[-8]]], [[[7]]]])
        yield self.case("long-sum", x, w, codes, ("int16-sums",), "600 products of ±64: beyond int16")
        codes = Code(2, "unsigned"), Code(1, "bipolar")
        none = np.zeros((0, 3, 1, 1))
        yield self.case("no-channel", np.ones((1, 3, 2, 2)), none, codes, ("zero-size",), "no output channel")

    def geometries(self) -> Iterator[Case]:
        """Every attribute of a convolution; padding is the integer zero."""
        pairs = (
            (Code(2, "unsigned"), Code(2, "signed")),
            (Code(3, "signed"), Code(3, "signed")),
            (Code(4, "signed"), Code(1, "bipolar")),
            (Code(2, "unsigned"), Code(2, "bipolar")),
        )
        for i, (shape, kernel, attributes, flags) in enumerate(GEOMETRIES):
            for codes in (pairs[i % 4], pairs[(i + 2) % 4]):
                x, w = self.integers(codes[0], shape), self.integers(codes[1], kernel)
                comment = f"x {list(shape)} of {codes[0].kind}, w {list(kernel)} of {codes[1].kind}"
                yield self.case("geometry", x, w, codes, flags, comment, **attributes)
        for codes in pairs[1:]:
            x, w = self.integers(codes[0], (1, 3, 2, 2)), np.full((2, 3, 5, 5), codes[1].ends[1])
            comment = "a kernel longer than the image: most taps beside it"
            yield self.case("border", x, w, codes, ("padding",), comment, pads=[2, 2, 2, 2])

    def long_counts(self) -> Iterator[Case]:
        """Counts of ones beyond 8 bits, and the longest sum that int32 holds."""
        bipolar, unsigned = (Code(1, "unsigned"), Code(1, "bipolar")), (Code(2, "unsigned"), Code(2, "unsigned"))
        for C, k, codes in ((257, 1, bipolar), (40, 3, bipolar), (300, 1, unsigned), (1100, 1, unsigned)):
            x, w = np.ones((1, C, k, k)), np.ones((1, C, k, k))
            comment = f"{C * k * k} ones in a plane of either side"
            yield self.case("long-count", x, w, codes, ("long-counts",), comment)
        most = (2**31 - 1) // 255**2
        codes, ones = (Code(8, "unsigned"), Code(8, "unsigned")), np.full((1, 1, most), 255)
        comment = f"{most} products of 255 and 255: one more could leave int32"
        yield self.case("longest", ones, ones, codes, ("range-ends", "long-counts"), comment)

    def eight_bipolar_bits(self) -> Iterator[Case]:
        """Eight bipolar bits reach ±255; int8 holds those up to ±127. Batches, each image with its own Σ x."""
        for i, x_code in enumerate((Code(8, "unsigned"), Code(8, "signed"), Code(2, "unsigned"), Code(1, "signed"))):
            w_code = Code(8, "bipolar") if i < 3 else Code(2, "bipolar")
            x, w = self.integers(x_code, (2, 3, 3, 3)), self.draw.edges(-127, 127, (2, 3, 2, 2)) | 1
            w = w if i < 3 else self.integers(w_code, w.shape)
            comment = f"two images, w of {w_code.bits} bipolar bits"
            yield self.case("bipolar", x, w, (x_code, w_code), ("batch",), comment, pads=[1, 0, 0, 1])

    def errors(self) -> Iterator[Case]:
        """What is ruled out."""
        for dtype, w_code, least in (("uint8", "integer", 255), ("int8", "bipolar", 127)):
            taps = (2**31 - 1) // 255**2 + 1
            pixel, kernel = tensor([[[255]]], "uint8"), tensor(np.full((1, 1, taps), least), dtype)
            request = ask("BitSerialConv", 1, (pixel, kernel), {"w_code": w_code, "pads": [taps - 1, 0]}, "qref")
            comment = f"{taps} products up to 255·255, whatever image comes"
            yield refused(self.suite, "refused", request, (FITS,), ("error",), comment)
        x, w = tensor(np.ones((1, 2, 2, 2)), "uint8"), tensor(np.ones((1, 2, 1, 1)), "int8")
        rows: tuple[tuple[str, Tensor, Tensor, dict[str, Any]], ...] = (
            ("4 in 2 bits, unsigned", tensor(np.full((1, 2, 2, 2), 4), "uint8"), w, {"x_bits": 2}),
            ("2 in 2 bits, signed", x, tensor(np.full((1, 2, 1, 1), 2), "int8"), {"w_bits": 2}),
            ("1 in one signed bit, which holds −1 and 0", x, w, {"w_bits": 1}),
            ("0 in bipolar bits", x, tensor(np.zeros((1, 2, 1, 1)), "int8"), {"w_bits": 1, "w_code": "bipolar"}),
            ("bipolar integers of uint8", x, tensor(np.ones((1, 2, 1, 1)), "uint8"), {"w_code": "bipolar"}),
            ("5 in 2 bipolar bits", x, tensor(np.full((1, 2, 1, 1), 5), "int8"), {"w_bits": 2, "w_code": "bipolar"}),
            ("no bits", x, w, {"x_bits": 0}),
            ("9 bits", x, w, {"w_bits": 9}),
            ("another code", x, w, {"w_code": "signs"}),
            ("x of int16", tensor(np.ones((1, 2, 2, 2)), "int16"), w, {}),
            ("3 channels where weights have 2", tensor(np.ones((1, 3, 2, 2)), "uint8"), w, {}),
        )
        for comment, image, kernel, attributes in rows:
            request = ask("BitSerialConv", 1, (image, kernel), attributes, "qref")
            yield refused(self.suite, "refused", request, (FITS,), ("error",), comment)
