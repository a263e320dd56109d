"""Cases of ScaledDecode and CodebookDecode: from codes back to numbers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import tensor
from qref.quantizers.granularity import CHANNEL, TENSOR, Granularity
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

DECODED = ("QREF-QZ-002", "QREF-QZ-003")


def attributes(grain: Granularity) -> dict[str, Any]:
    """The attributes that mean a granularity."""
    return {"granularity": grain.kind, **({"group_size": grain.size} if grain.size else {})}


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("decoded")
    grains = (CHANNEL, TENSOR, Granularity("group", 2), Granularity("group", 4))
    short = Granularity("group", 3), Granularity("group", 6)  # last groups of one weight
    for shape, kinds in (((3, 5), grains), ((2, 3, 2, 2), grains), ((4,), grains), ((1, 7), grains), ((2, 7), short)):
        for grain in kinds:
            parts = grain.count(shape)
            flags = (
                f"scale-a-{grain.kind}",
                *(("short-block",) if grain.kind == "group" and np.prod(shape[1:]) % grain.size else ()),
            )
            words = f"codes {list(shape)}, one a {grain}"
            codes, scales = draw.edges(-128, 127, shape), draw.float32(-9, 3, (parts,))
            yield scaled(suite, "scaled", codes, scales, grain, flags, f"{words}: the scale")
            codes, books = draw.integers(0, 3, shape), draw.signed_float32(-9, 3, (parts, 4))
            yield coded(suite, "codebook", codes, books, grain, flags, f"{words}: the codebook")
    yield scaled(
        suite,
        "rounded",
        [[3, -127, 113]],
        [1 + 2.0**-23],
        CHANNEL,
        ("product-rounds",),
        "products of more than 24 bits",
    )
    yield scaled(
        suite, "subnormal", [[3, -1, 127]], [2.0**-149], CHANNEL, ("subnormal",), "subnormal products are kept"
    )
    yield scaled(suite, "zero-scale", [[1, -1, 0]], [0.0], CHANNEL, ("sign-of-zero",), "a scale of zero")
    yield scaled(suite, "empty", np.zeros((2, 0)), [1.0, 2.0], CHANNEL, ("zero-size",), "no codes")
    long = Granularity("group", 2**40)
    yield scaled(suite, "long-group", [[1, -2], [3, 4]], [0.5, 2.0], long, ("short-block",), "longer than a channel")
    yield coded(suite, "long-group", [[1, 0], [0, 1]], [[0.5, 2.0], [3.0, 4.0]], long, ("short-block",), "the same")
    yield scaled(suite, "huge", [[127], [-128]], [3e36, 2.0**121], CHANNEL, ("range-ends",), "beyond float32: infinite")
    small = [2.0**-130, 2.0**-140]
    yield scaled(suite, "subnormal", [[5, -7], [-128, 127]], small, CHANNEL, ("subnormal",), "subnormal scales")
    yield scaled(suite, "huge", [[2, -3, 0]], [3e38], CHANNEL, ("range-ends",), "beyond float32: infinite")
    for slug, inputs, comment in (
        ("scales", (tensor([[1, 2]], "int8"), tensor([1.0, 2.0], "float32")), "two scales for one channel"),
        ("nan", (tensor([[1, 2]], "int8"), tensor([np.nan], "float32")), "a scale that is NaN"),
    ):
        yield refused(suite, slug, ask("ScaledDecode", 1, inputs, domain="qref"), ("QREF-QZ-001",), ("error",), comment)
    inputs = (tensor([[4]], "uint8"), tensor([[0.0, 1.0, 2.0, 3.0]], "float32"))
    request = ask("CodebookDecode", 1, inputs, domain="qref")
    yield refused(suite, "beyond", request, ("QREF-QZ-003",), ("error",), "code 4 of a codebook of four")


def scaled(
    suite: str, slug: str, codes: ArrayLike, scales: ArrayLike, grain: Granularity, flags: tuple[str, ...], comment: str
) -> Case:
    """A case of ScaledDecode."""
    inputs = tensor(np.asarray(codes), "int8"), tensor(np.asarray(scales, np.float32), "float32")
    request = ask("ScaledDecode", 1, inputs, attributes(grain), "qref")
    return judged(suite, slug, request, DECODED, flags, comment)


def coded(
    suite: str, slug: str, codes: ArrayLike, books: ArrayLike, grain: Granularity, flags: tuple[str, ...], comment: str
) -> Case:
    """A case of CodebookDecode."""
    inputs = tensor(np.asarray(codes), "uint8"), tensor(np.asarray(books, np.float32), "float32")
    request = ask("CodebookDecode", 1, inputs, attributes(grain), "qref")
    return judged(suite, slug, request, DECODED, flags, comment)
