"""Cases of LookupGemm and LookupConv: layers by tables of what inputs give with codewords."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

GEMM, REFUSED, CONV, PADDING, GROUPS = (f"QREF-LU-00{n}" for n in range(1, 6))
FULLY_CONNECTED: tuple[tuple[int, int, int, int, int, tuple[str, ...]], ...] = (
    # N, L, M, length, V
    (1, 8, 5, 4, 6, ()),
    (3, 12, 4, 3, 16, ("batch",)),
    (1, 9, 6, 4, 32, ()),
    (2, 7, 3, 2, 3, ("batch",)),
    (1, 6, 4, 1, 16, ()),
    (2, 5, 3, 8, 4, ("batch",)),
    (1, 40, 20, 4, 200, ()),
    (1, 4, 2, 4, 1, ()),
)
Convolution = tuple[tuple[int, ...], tuple[int, ...], int, int, dict[str, Any], tuple[str, ...]]
CONVOLUTIONS: tuple[Convolution, ...] = (
    # x, w, length, V, attributes
    ((1, 4, 4, 5), (3, 4, 3, 3), 2, 5, {}, ()),
    ((2, 8, 3, 3), (4, 8, 1, 1), 4, 16, {}, ("batch",)),
    ((1, 6, 5, 4), (2, 6, 3, 2), 4, 7, {"pads": [0, 2, 1, 0], "strides": [2, 1]}, ("padding", "stride")),
    ((2, 5, 4, 4), (3, 5, 3, 3), 2, 8, {"pads": [1, 1, 1, 1]}, ("padding", "batch")),
    ((1, 4, 6, 6), (2, 4, 2, 3), 3, 9, {"dilations": [2, 2], "pads": [1, 0, 0, 1]}, ("padding", "dilation")),
    ((1, 8, 4, 3), (4, 4, 2, 2), 2, 6, {"group": 2}, ("group",)),
    ((1, 9, 4, 4), (6, 3, 3, 3), 2, 8, {"group": 3, "pads": [1, 1, 1, 1]}, ("group", "padding")),
    ((1, 3, 4, 4), (6, 1, 3, 3), 1, 4, {"group": 3, "pads": [1, 1, 1, 1]}, ("group", "padding")),
    ((1, 5, 9), (2, 5, 4), 2, 4, {"strides": [2]}, ("one-dimensional", "stride")),
    ((1, 4, 3, 3, 3), (2, 4, 2, 2, 2), 4, 8, {"pads": [0, 1, 0, 1, 0, 0]}, ("three-dimensional", "padding")),
    ((1, 4, 5, 5), (2, 4, 2, 2), 2, 3, {"auto_pad": "SAME_UPPER"}, ("same-upper", "padding")),
)
BY_NAME: tuple[Convolution, ...] = (
    (
        (1, 4, 5, 4),
        (2, 4, 2, 3),
        2,
        5,
        {"auto_pad": "SAME_LOWER", "strides": [2, 1]},
        ("same-lower", "padding", "stride"),
    ),
    ((1, 3, 6), (2, 3, 4), 2, 40, {"auto_pad": "SAME_LOWER"}, ("same-lower", "padding", "one-dimensional")),
    ((1, 3, 4, 5), (2, 3, 2, 2), 3, 4, {"auto_pad": "VALID", "strides": [1, 2]}, ("stride",)),
)


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("lookup")
    yield from fully_connected(suite, draw)
    yield from convolutions(suite, draw, CONVOLUTIONS)
    yield from exact(suite)
    yield from refusals(suite, draw)
    yield from convolutions(suite, Draw("lookup, padded by name"), BY_NAME)


def operands(draw: Draw, x: tuple[int, ...], rows: int, L: int, length: int, V: int) -> tuple[Tensor, Tensor, Tensor]:
    """An input, codes and codebooks."""
    codes = draw.integers(0, V - 1, (rows, -(-L // length)))
    books = draw.signed_float32(-3, 1, (V, L))
    return tensor(draw.signed_float32(-2, 2, x), "float32"), tensor(codes, "uint8"), tensor(books, "float32")


def what_shows(L: int, length: int, taps: int = 1) -> tuple[str, ...]:
    """The flags that follow from lengths."""
    several = ("several-subspaces",) if length < L else ()
    short = ("short-subvector",) if L % length else ()
    return (*several, *short, *(("several-taps",) if taps > 1 else ()))


def fully_connected(suite: str, draw: Draw) -> Iterator[Case]:
    """Shapes of LookupGemm, with and without a bias."""
    for N, L, M, length, V, flags in FULLY_CONNECTED:
        for biased in (False, True):
            inputs = operands(draw, (N, L), M, L, length, V)
            B = (tensor(draw.signed_float32(-2, 2, (M,)), "float32"),) if biased else ()
            request = ask("LookupGemm", 1, (*inputs, *B), {"length": length}, "qref")
            shown = (*flags, *what_shows(L, length), *(("bias",) if biased else ()))
            comment = f"{N} × {L} inputs, {M} outputs, sub-vectors of {length}, {V} codewords"
            yield judged(suite, "drawn", request, (GEMM,), shown or ("codebook",), comment)


def convolutions(suite: str, draw: Draw, geometries: tuple[Convolution, ...]) -> Iterator[Case]:
    """Geometries of LookupConv, with and without a bias."""
    for x, w, length, V, attributes, flags in geometries:
        for biased in (False, True):
            inputs = operands(draw, x, w[0] * prod(w[2:]), w[1], length, V)
            B = (tensor(draw.signed_float32(-2, 2, (w[0],)), "float32"),) if biased else ()
            given = {"length": length, "kernel_shape": list(w[2:]), **attributes}
            request = ask("LookupConv", 1, (*inputs, *B), given, "qref")
            shown = (*flags, *what_shows(w[1], length, prod(w[2:])), *(("bias",) if biased else ()))
            ids = (CONV, *((PADDING,) if "padding" in flags else ()), *((GROUPS,) if "group" in flags else ()))
            comment = f"image {list(x)}, kernels {list(w)}, sub-vectors of {length} channels, {V} codewords"
            yield judged(suite, "drawn", request, ids, shown or ("codebook",), comment)


def exact(suite: str) -> Iterator[Case]:
    """Small integers, zeros, extremes, nothing at all."""

    def gemm(slug: str, x: Any, codes: Any, books: Any, length: int, flags: tuple[str, ...], comment: str) -> Case:
        inputs = (
            tensor(np.asarray(x), "float32"),
            tensor(np.asarray(codes), "uint8"),
            tensor(np.asarray(books), "float32"),
        )
        request = ask("LookupGemm", 1, inputs, {"length": length}, "qref")
        return judged(suite, slug, request, (GEMM,), flags, comment)

    books = [[1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 20.0, 30.0, 40.0, 50.0]]
    comment = "powers of ten tell which codeword of which sub-space was taken"
    flags = ("several-subspaces", "short-subvector")
    yield gemm("whole", [[1.0, 1.0, 100.0, 100.0, 10000.0]], [[0, 1, 0], [1, 0, 1]], books, 2, flags, comment)
    yield gemm(
        "whole", [[1.0, 2.0]], [[1, 0]], [[3.0, 5.0], [7.0, 11.0]], 1, ("several-subspaces",), "two codes of one"
    )
    yield gemm("cancels", [[1.0, -1.0]], [[0]], [[2.0, 2.0]], 2, ("sign-of-zero",), "an entry that is exactly 0")
    yield gemm("zeros", [[0.0, -0.0]], [[0], [0]], [[2.0, 3.0]], 2, ("sign-of-zero",), "inputs of zeros")
    tiny = np.float32(2.0**-140)
    yield gemm("tiny", [[tiny, 1.0]], [[0, 1]], [[0.5, 1.0], [1.0, tiny]], 1, ("wide-range",), "subnormal numbers")
    large = np.float32(2.0**60)
    comment = "products of about 2^120"
    yield gemm("large", [[large, -large]], [[0, 0]], [[large, large / 2]], 1, ("wide-range",), comment)
    none = np.zeros((0, 3)), [[0, 0]], np.ones((1, 3))
    yield gemm("empty", *none, 2, ("zero-size",), "no inputs")
    yield gemm("empty", np.ones((1, 3)), np.zeros((0, 2)), np.ones((1, 3)), 2, ("zero-size",), "no outputs")
    nothing = np.ones((2, 0)), np.zeros((3, 0)), np.ones((2, 0))
    yield gemm("empty", *nothing, 2, ("zero-size",), "no weights: sums of nothing")
    yield gemm("one", [[3.0]], [[0]], [[-2.0]], 1, ("one-element",), "one input, one codeword")
    ones = (
        tensor(np.ones((1, 2, 2, 2)), "float32"),
        tensor(np.zeros((9, 1)), "uint8"),
        tensor(np.ones((1, 2)), "float32"),
    )
    given = {"length": 2, "kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    comment = "ones everywhere: sums count the pixels under a window, of which padding has none"
    request = ask("LookupConv", 1, ones, given, "qref")
    yield judged(suite, "counts", request, (CONV, PADDING), ("padding", "several-taps"), comment)


def refusals(suite: str, draw: Draw) -> Iterator[Case]:
    """What the operators do not take."""
    X, codes, books = operands(draw, (2, 4), 3, 4, 2, 3)
    high, nan = tensor(np.full((3, 2), 3), "uint8"), tensor(np.full((2, 4), np.nan), "float32")
    infinite = tensor(np.full((3, 4), np.inf), "float32")
    B = tensor(draw.signed_float32(-2, 2, (2,)), "float32")
    rank_one, doubles = Tensor("float32", X.data[0]), tensor(X.data.astype(np.float64), "float64")
    for slug, inputs, length, comment in (
        ("beyond", (X, high, books), 2, "code 3 of three codewords"),
        ("nan", (nan, codes, books), 2, "NaN among the inputs"),
        ("infinite", (X, codes, infinite), 2, "infinite codewords"),
        ("codes", (X, codes, books), 1, "two codes an output where four are wanted"),
        ("length", (X, codes, books), 0, "sub-vectors of length 0"),
        ("bias", (X, codes, books, B), 2, "a bias of two numbers for three outputs"),
        ("rank", (rank_one, codes, books), 2, "inputs of rank 1"),
        ("type", (doubles, codes, books), 2, "inputs of float64"),
    ):
        request = ask("LookupGemm", 1, inputs, {"length": length}, "qref")
        yield refused(suite, slug, request, (REFUSED,), ("error",), comment)
    X, codes, books = operands(draw, (1, 4, 3, 3), 8, 4, 2, 3)
    for slug, attributes, comment in (
        ("kernel", {}, "no kernel_shape"),
        ("kernel", {"kernel_shape": [3, 1]}, "eight rows of codes for kernels of three taps"),
        ("kernel", {"kernel_shape": [8, 1]}, "a kernel longer than the image"),
        ("kernel", {"kernel_shape": [0, 1]}, "a kernel of no taps"),
        ("group", {"kernel_shape": [2, 2], "group": 2}, "two groups of four channels from four"),
    ):
        request = ask("LookupConv", 1, (X, codes, books), {"length": 2, **attributes}, "qref")
        yield refused(suite, slug, request, (REFUSED,), ("error",), comment)
