"""Cases of ErrorCorrectedCodebook: codewords and codes that make up for what others leave."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.error_bounds import Uncertainty
from qref.codebooks.error_corrected import given_inputs
from qref.codebooks.subvectors import Subvectors, matrix_shape
from qref.numerics.tensor import tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import LEAST_MARGIN, ask, judged, refused
from qref.vectors.generators.draw import Draw

CODEWORD, CODE, ORDER, KERNELS, DEAD, RIDGE, REFUSED = (f"QREF-LU-0{n:02}" for n in range(6, 13))
Float = NDArray[np.float32]
Operands = tuple[Float, Float, NDArray[np.uint8], Float]
SHAPES: tuple[tuple[tuple[int, ...], int, int, int, int, tuple[str, ...]], ...] = (
    # W, groups, length, V, sweeps
    ((4, 4), 1, 2, 2, 1, ()),
    ((5, 5), 1, 2, 2, 1, ("short-subvector",)),
    ((6, 3), 1, 3, 3, 2, ()),
    ((6, 4), 1, 1, 3, 1, ()),
    ((4, 6), 1, 3, 2, 2, ()),
    ((3, 2, 2), 1, 2, 2, 1, ("several-taps",)),
    ((2, 4, 1, 2), 1, 2, 2, 1, ("several-taps",)),
    ((4, 2, 2, 1), 2, 2, 2, 1, ("several-taps", "group")),
    ((4, 3), 2, 2, 2, 1, ("group", "short-subvector")),
    ((5, 4, 1, 1), 1, 4, 3, 3, ()),
    ((6,), 1, 4, 2, 1, ()),
)


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("error-corrected")
    for shape, groups, length, V, sweeps, flags in SHAPES:
        for _ in range(2):
            operands = far_from_boundaries(draw, shape, groups, length, V, sweeps, 0.0)
            several = ("several-subspaces",) if shape[1:2] and shape[1] > length else ()
            comment = f"weights {list(shape)}, {V} codewords of {length}, {sweeps} sweeps at most"
            ids = (CODEWORD, CODE, ORDER, *((KERNELS,) if len(shape) > 2 else ()))
            yield case(suite, "drawn", operands, length, sweeps, ids, ("outputs-decide", *several, *flags), comment)
    for shape, groups, length, V, sweeps, flags in SHAPES[:6] + SHAPES[7:8]:
        operands = far_from_boundaries(draw, shape, groups, length, V, sweeps, 0.25)
        comment = f"weights {list(shape)}, their errors counted a quarter"
        yield case(suite, "ridge", operands, length, sweeps, (RIDGE,), ("ridge", *flags), comment, 0.25)
    yield from exact(suite)
    yield from ends(suite)
    yield from refusals(suite, draw)
    yield from by_taps(suite)


def case(
    suite: str,
    slug: str,
    operands: tuple[Any, Any, Any, Any],
    length: int,
    sweeps: int,
    ids: tuple[str, ...],
    flags: tuple[str, ...],
    comment: str,
    ridge: float = 0.0,
) -> Case:
    """A case of these operands."""
    inputs = [tensor(np.asarray(one), t) for one, t in zip(operands, ("float32", "float32", "uint8", "float32"))]
    request = ask("ErrorCorrectedCodebook", 1, inputs, {"length": length, "sweeps": sweeps, "ridge": ridge}, "qref")
    return judged(suite, slug, request, ids, flags, comment)


def far_from_boundaries(
    draw: Draw, shape: tuple[int, ...], groups: int, length: int, V: int, sweeps: int, ridge: float
) -> Operands:
    """The first operands drawn whose margin is wide enough and whose codes change."""
    K, layout = prod(shape[1:]), "channels" if len(shape) > 2 else "rows"
    R, L = matrix_shape(shape, layout)
    while True:
        W, books = draw.signed_float32(-2, 0, shape), draw.signed_float32(-2, 0, (V, L))
        X = fed(draw, groups, K)
        codes = draw.integers(0, V - 1, (R, -(-L // length))).astype(np.uint8)
        start = Subvectors(shape, layout, codes, books, length, width=8)
        found = Uncertainty.of(start, W, given_inputs(W, X), sweeps, ridge)
        if found.margin >= LEAST_MARGIN and found.codewords.max() < 2.0**-12:
            return W, X if groups > 1 else X[0], codes, books


def fed(draw: Draw, groups: int, K: int) -> Float:
    """Inputs after a ReLU, each sample mostly of one number and a little of the next: they depend on each other."""
    X = np.zeros((groups, 2 * K, K), np.float32)
    for g in range(groups):
        for n in range(2 * K):
            X[g, n, n % K] = draw.float32(0, 0, (1,))[0]
            X[g, n, (n + 1) % K] += draw.float32(-3, -2, (1,))[0]
    return X


def exact(suite: str) -> Iterator[Case]:
    """By hand: one sub-space, silent inputs, no sweeps, nothing at all."""
    ones = np.eye(2)
    W, start, books = [[1.0, 0.0], [3.0, 0.0], [8.0, 4.0]], [[0], [0], [1]], [[0.0, 0.0], [8.0, 8.0]]
    comment = "inputs that are the identity: codewords are means of weights"
    yield case(suite, "means", (W, ones, start, books), 2, 1, (CODEWORD, CODE), ("outputs-decide",), comment)
    comment = "two sub-spaces fed alike: −3 and 5 give what 1 and 1 do, and the second has nothing left to do"
    alike = [[1.0, 1.0]], [[2.0, 2.0]], [[0, 0]], [[3.0, 5.0]]
    yield case(suite, "makes-up", alike, 1, 1, (CODEWORD, ORDER), ("outputs-decide", "several-subspaces"), comment)
    silent = [[1.0, -2.0], [3.0, 4.0]], [[1.0, 0.0], [2.0, 0.0]], [[0, 0], [1, 1]], [[0.0, 5.0], [3.5, 7.0]]
    comment = "an input that is always 0: codewords stay, and the first codeword is as good as any"
    yield case(suite, "silent", silent, 1, 1, (CODE, DEAD), ("silent-input", "several-subspaces"), comment)
    none = [[1.0, -2.0], [3.0, 4.0]], np.zeros((3, 2)), [[1], [1]], [[1.0, 2.0], [3.0, 4.0]]
    yield case(suite, "silent", none, 2, 1, (CODE, DEAD), ("silent-input",), "inputs that are all 0")
    none = [[1.0, -2.0], [3.0, 4.0]], np.zeros((0, 2)), [[1], [0]], [[1.0, 2.0], [3.0, 4.0]]
    yield case(suite, "silent", none, 2, 2, (CODE, DEAD), ("silent-input", "zero-size"), "no samples")
    unused = [[1.0, 2.0]], ones, [[2]], [[9.0, 9.0], [1.0, 1.5], [1.0, 1.0]]
    comment = "codewords that no sub-vector has stay what they were"
    yield case(suite, "unused", unused, 2, 1, (CODEWORD,), ("outputs-decide",), comment)
    yield case(suite, "still", (W, ones, start, books), 2, 0, (ORDER,), ("outputs-decide",), "no sweeps: the start")
    nothing = np.zeros((0, 2)), np.ones((3, 2)), np.zeros((0, 1)), [[1.0, 2.0]]
    yield case(suite, "empty", nothing, 2, 1, (CODE,), ("zero-size",), "no outputs")
    no_weights = np.zeros((2, 0)), np.ones((3, 0)), np.zeros((2, 0)), np.zeros((1, 0))
    yield case(suite, "empty", no_weights, 2, 1, (CODE,), ("zero-size",), "no inputs")
    few = [[1.0, 2.0], [3.0, 6.0]], [[1.0, 0.0]], [[0], [0]], [[0.0, 0.0]]
    comment = "one sample of one input: the other one's weights decide by their own errors"
    yield case(suite, "few", few, 2, 1, (RIDGE,), ("ridge", "silent-input"), comment, 1.0)
    one = [[3.0]], [[2.0]], [[0]], [[1.0]]
    yield case(suite, "one", one, 1, 1, (CODEWORD,), ("one-element",), "one weight: its codeword becomes it")


def ends(suite: str) -> Iterator[Case]:
    """By hand: codes that cannot change, so that one sweep is all however much another would move codewords."""
    uneven, flags = [[1.0, 1.0], [0.0, 1.0], [0.0, 1.0]], ("outputs-decide", "several-subspaces")
    comment = "one codeword a sub-space: the first sweep changes no code, and is the last"
    one = [[1.0, 1.0]], uneven, [[0, 0]], [[3.0, 5.0]]
    yield case(suite, "one-sweep", one, 1, 3, (ORDER,), flags, comment)
    two = [[1.0, 1.0], [2.0, -1.0]], uneven, [[0, 0], [0, 0]], [[4.0, -3.0]]
    yield case(suite, "one-sweep", two, 1, 10, (ORDER,), flags, comment)


def by_taps(suite: str) -> Iterator[Case]:
    """Kernels of several taps, whose codes are taken in the order of the taps."""
    draw = Draw("error-corrected, taps")
    for shape, V in (((2, 2, 3), 4), ((1, 4, 2, 2), 3), ((3, 3, 1, 3), 3), ((2, 1, 2, 2), 4)):
        operands = far_from_boundaries(draw, shape, 1, 2, V, 1, 0.0)
        comment = f"kernels {list(shape)}, {V} codewords: what a tap takes is seen by those after it"
        flags = ("outputs-decide", "several-taps", *(("short-subvector",) if shape[1] % 2 else ()))
        yield case(suite, "taps", operands, 2, 1, (CODE, ORDER, KERNELS), flags, comment)


def refusals(suite: str, draw: Draw) -> Iterator[Case]:
    """What the operator does not take."""
    W, X, books = draw.signed_float32(-2, 0, (2, 4)), draw.signed_float32(-2, 0, (5, 4)), np.ones((2, 4))
    codes, nan = np.zeros((2, 2)), np.full((5, 4), np.nan)
    for operands, attributes, comment in (
        ((W, X[:, :3], codes, books), {"length": 2}, "inputs of three numbers for four weights"),
        ((W, nan, codes, books), {"length": 2}, "NaN among the inputs"),
        ((W, X[0], codes, books), {"length": 2}, "inputs of rank 1"),
        ((W, np.stack([X] * 3), codes, books), {"length": 2}, "three groups of inputs for two output channels"),
        ((W, X, codes + 2, books), {"length": 2}, "code 2 of two codewords"),
        ((W, X, codes, books), {"length": 3, "sweeps": -1}, "less than no sweeps"),
        ((W, X, codes, books), {"length": 2, "ridge": -1.0}, "errors of weights counted less than nothing"),
        ((W, X, codes, books), {"length": 1}, "two codes a row where four are wanted"),
    ):
        types = ("float32", "float32", "uint8", "float32")
        inputs = [tensor(np.asarray(one), t) for one, t in zip(operands, types)]
        request = ask("ErrorCorrectedCodebook", 1, inputs, attributes, "qref")
        yield refused(suite, "refused", request, (REFUSED,), ("error",), comment)
