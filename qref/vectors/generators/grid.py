"""Cases of GridFit, GridQuantize, GridDequantize and GridBackward."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from qref.errors import BadVectors
from qref.numerics.tensor import Tensor, tensor
from qref.quantizers.grid import KINDS, Grid
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

LEVELS, NEAREST, ZERO, STEP, BACKWARD, FIT = (f"QREF-GR-{i:03}" for i in (1, 2, 3, 4, 5, 7))


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("grid")
    for kind in KINDS:
        for bits in (1, 2, 3, 4, 8, 12, 16):
            if kind == "signed" and bits == 1:
                continue
            step = np.float32(1) if bits == 2 else draw.float32(-6, 2)
            grid = Grid(kind, bits, float(step))
            yield from quantized(suite, draw, grid)
            codes = grid.codes if grid.codes.size <= 16 else grid.codes[draw.edges(0, grid.codes.size - 1, (16,))]
            words = f"{kind}, {bits} bits"
            yield asked(
                suite, "GridDequantize", "codes", (tensor(codes, "int32"),), grid, (LEVELS,), ("grid-levels",), words
            )
            yield from backwards(suite, draw, grid)
        yield from corners(suite, Grid(kind, 3, 0.5))
    yield from fits(suite)
    yield from refusals(suite)


def fits(suite: str) -> Iterator[Case]:
    """GridFit: samples of few numbers, whose best step has rivals that keep clear."""
    draw = Draw("grid-fit")

    def fit(slug: str, x: ArrayLike, kind: str, bits: int, flags: tuple[str, ...], comment: str) -> Case:
        inputs = (tensor(np.asarray(x, np.float32), "float32"),)
        request = ask("GridFit", 1, inputs, {"grid": kind, "bits": bits}, "qref")
        return judged(suite, slug, request, (FIT,), flags, f"{kind}, {bits} bits: {comment}")

    for kind in KINDS:
        for bits, count in ((2, 5), (2, 20), (3, 12), (4, 16), (7, 3)):
            for _ in range(100):
                total = draw.integers(-(2**19), 2**19, (4, count)).sum(axis=0)
                try:
                    comment = f"{count} numbers"
                    yield fit("random", total * 2.0**-20, kind, bits, ("grid-fit",), comment)
                    break
                except BadVectors:
                    continue
        if kind == "mid-rise":
            yield fit("one", [-0.75], kind, 1, ("one-element",), "one number")
        else:
            outlier = [0.3, -0.25, 0.2, 0.35, -0.3, 0.28, 1.0, 2.7, -0.31]
            yield fit("outlier", outlier, kind, 2, ("outlier",), "small numbers and large ones")
        for x, flags, comment in (([0.0, -0.0], ("sign-of-zero",), "zeros"), ([], ("zero-size",), "no numbers")):
            yield fit("none", x, kind, 3, flags, comment)
    for x in ([3.0, 1.0, -1.0, 1.0], [-2.0, 6.0, 0.0, 2.0, 2.0]):
        yield fit("tie", x, "signed", 2, ("grid-fit",), "the largest number and half of it are equally good steps")
    for x in ([0.0, 1.0, -0.5], [0.0, 0.0, -3.0, -0.0, 1.0]):
        yield fit("zeros", x, "mid-rise", 1, ("grid-fit",), "zeros count, for they have levels other than 0")
    yield fit("negative", [-1.0, -2.0], "unsigned", 3, ("grid-fit",), "no positive number")
    request = ask("GridFit", 1, (tensor([np.nan], "float32"),), {}, "qref")
    yield refused(suite, "refused", request, ("QREF-QZ-001",), ("error",), "NaN")


def quantized(suite: str, draw: Draw, grid: Grid) -> Iterator[Case]:
    """Ties, the ends, and any numbers."""
    words = f"{grid.kind}, {grid.bits} bits"
    shift = 0.0 if grid.kind == "mid-rise" else 0.5
    k = np.arange(grid.top + 2) if grid.top < 9 else draw.edges(0, grid.top + 1, (12,))
    power = Grid(grid.kind, grid.bits, 0.25)
    ties = np.concatenate([k + shift, -k - shift]) * 0.25
    x = np.concatenate([ties, np.nextafter(np.float32(ties), np.float32(0))])
    yield numbers(suite, "ties", x, power, ("grid-tie", "grid-ends"), f"{words}: halfway between levels, and below")
    near = np.float32((k + shift) * grid.step)
    x = np.concatenate([near, -near, np.nextafter(near, np.float32(0)), np.nextafter(near, np.float32(9e37))])
    yield numbers(suite, "near", x, grid, ("near-tie",), f"{words}: the float32 numbers around boundaries")
    e = int(np.frexp(grid.step * (grid.top + 1))[1])
    x = draw.signed_float32(e - 5, e + 1, (4, 6))
    yield numbers(suite, "random", x, grid, ("grid-range",), f"{words}: numbers inside and outside the range")


def backwards(suite: str, draw: Draw, grid: Grid) -> Iterator[Case]:
    """Gradients around the ends of the range."""
    last = np.float32(grid.last)
    inner, outer = np.nextafter(last, np.float32(0)), np.nextafter(last, np.float32(9e37))
    x = np.array([0.0, -0.0, 1e-45, -1e-45, last, -last, inner, -inner, outer, -outer, 2 * last, -2 * last, 3e38])
    g = draw.signed_float32(-3, 3, x.shape)
    inputs = tensor(x.astype(np.float32), "float32"), tensor(g, "float32")
    words = f"{grid.kind}, {grid.bits} bits: the ends of the range, and beyond"
    yield asked(suite, "GridBackward", "ends", inputs, grid, (BACKWARD,), ("grid-backward",), words)


def corners(suite: str, grid: Grid) -> Iterator[Case]:
    """Zeros, no numbers, steps from 0 to huge."""
    yield numbers(suite, "zeros", [0.0, -0.0], grid, ("sign-of-zero",), f"{grid.kind}: zeros of either sign")
    yield numbers(suite, "empty", np.zeros((2, 0)), grid, ("zero-size",), f"{grid.kind}: no numbers")
    zero = Grid(grid.kind, grid.bits, 0.0)
    yield numbers(suite, "no-step", [0.0, 1.0, -3e38], zero, ("zero-step",), f"{grid.kind}: a step of 0")
    codes = tensor(grid.codes, "int32")
    yield asked(
        suite, "GridDequantize", "no-step", (codes,), zero, (STEP,), ("zero-step",), f"{grid.kind}: a step of 0"
    )
    beyond = Grid(grid.kind, 4, 2.0**126)
    ends = tensor(beyond.codes[[0, 1, -2, -1]], "int32")
    words = f"{grid.kind}: levels beyond float32 are infinities"
    yield asked(suite, "GridDequantize", "beyond", (ends,), beyond, (LEVELS,), ("wide-range",), words)
    for e in (-149, -140, 120):
        other = Grid(grid.kind, grid.bits, 2.0**e)
        x = np.ldexp(np.array([0, 1, 2, 3, 5, 6, 9, 100, -1, -2, -3, -100.0]), e - (0 if e < 0 else 1))
        flags = ("subnormal",) if e < 0 else ("wide-range",)
        yield numbers(suite, "scale", x, other, flags, f"{grid.kind}: a step of 2^{e}")
        yield asked(
            suite, "GridDequantize", "scale", (codes,), other, (LEVELS,), flags, f"{grid.kind}: a step of 2^{e}"
        )


def refusals(suite: str) -> Iterator[Case]:
    """What is no grid, no code, no number."""
    x, one = tensor([1.0, 2.0], "float32"), tensor(np.float32(1), "float32")
    for attributes, comment in (
        ({"grid": "signed", "bits": 1}, "a signed grid of one bit"),
        ({"grid": "unsigned", "bits": 0}, "no bit"),
        ({"grid": "unsigned", "bits": 17}, "17 bits"),
        ({"grid": "round", "bits": 4}, "a grid that there is not"),
    ):
        yield refused(
            suite, "grid", ask("GridQuantize", 1, (x, one), attributes, "qref"), (LEVELS,), ("error",), comment
        )
    for step in (-1.0, np.inf, np.nan):
        request = ask("GridQuantize", 1, (x, tensor(np.float32(step), "float32")), {}, "qref")
        yield refused(suite, "step", request, (STEP,), ("error",), f"a step of {step}")
    given = {"grid": "signed", "bits": 3}
    request = ask("GridDequantize", 1, (tensor([-4], "int32"), one), given, "qref")
    yield refused(suite, "beyond", request, (LEVELS,), ("error",), "−4 is no code of a signed grid of three bits")
    request = ask("GridQuantize", 1, (tensor([np.nan], "float32"), one), {}, "qref")
    yield refused(suite, "refused", request, ("QREF-QZ-001",), ("error",), "NaN")
    request = ask("GridBackward", 1, (x, tensor([[1.0, 2.0]], "float32"), one), {}, "qref")
    yield refused(suite, "shapes", request, (BACKWARD,), ("error",), "a gradient of another shape")


def numbers(suite: str, slug: str, x: ArrayLike, grid: Grid, flags: tuple[str, ...], comment: str) -> Case:
    """A case of GridQuantize."""
    requirements = (NEAREST, ZERO, *((STEP,) if not grid.step else ()))
    given = (tensor(np.asarray(x, np.float32), "float32"),)
    return asked(suite, "GridQuantize", slug, given, grid, requirements, flags, comment)


def asked(
    suite: str,
    op: str,
    slug: str,
    inputs: tuple[Tensor, ...],
    grid: Grid,
    requirements: tuple[str, ...],
    flags: tuple[str, ...],
    comment: str,
) -> Case:
    """A case of any of the three, the step last."""
    attributes = {"grid": grid.kind, "bits": grid.bits}
    request = ask(op, 1, (*inputs, tensor(np.float32(grid.step), "float32")), attributes, "qref")
    return judged(suite, slug, request, requirements, flags, comment)
