"""Cases of OptimalScale and OptimalScaleGlobal: min ‖W − αB‖² by alternation, and of all."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qref.errors import BadVectors
from qref.numerics.tensor import tensor
from qref.quantizers.optimal_scale import alternation, highest_code
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

REQUIREMENTS = {
    "OptimalScale": ("QREF-OS-001", "QREF-OS-002", "QREF-OS-003", "QREF-OS-004", "QREF-QZ-002"),
    "OptimalScaleGlobal": ("QREF-OS-005", "QREF-OS-006", "QREF-QZ-002"),
}
GRAINS: tuple[dict[str, Any], ...] = ({}, {"granularity": "tensor"}, {"granularity": "group", "group_size": 3})
TRIES = 400


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from alternating(suite)
    yield from best_of_all(suite)
    for op in REQUIREMENTS:
        yield from corners(suite, op)


def alternating(suite: str) -> Iterator[Case]:
    """Draws of every width and granularity, long descents, ties."""
    draw = Draw("optimal-scale")
    for bits in range(2, 9):
        for grain in GRAINS:
            words = f"{bits} bits, a scale a {grain.get('granularity', 'channel')}"
            yield drawn(suite, "OptimalScale", draw, (3, 8), ("descent",), words, bits=bits, **grain)
    for bits in (2, 3, 4, 5):
        yield descent(suite, draw, bits, 4, f"{bits} bits: the codes change three times and more")
    for bits in (2, 3, 4, 5):
        K = 2 ** (bits - 1) - 1
        small = 8 / K * (0.55 + draw.integers(0, 16, (2, 24)) / 128) * (1 - 2 * draw.integers(0, 1, (2, 24)))
        W = np.concatenate([[[8.0], [-8.0]], small], axis=1)
        comment = f"{bits} bits: a weight far beyond the others is clipped once they have pulled the scale down"
        yield shaken(suite, "OptimalScale", draw, W, ("codes-clip", "descent"), comment, bits)
    ties = {
        2: [[1.0, 0.5, -0.5, 0.25], [-2.0, 1.0, 1.0, -2.0]],
        3: [[3.0, 1.5, -1.5, 2.5], [3.0, -2.5, 0.5, -0.5]],
        4: [[7.0, 2.5, -4.5, 0.5], [7.0, -6.5, 5.5, -0.5]],
        8: [[127.0, 2.5, -4.5, 126.5], [127.0, -0.5, 1.5, 64.5]],
    }
    for bits, pair in ties.items():
        comment = f"{bits} bits: weights halfway between two codes take the larger, whatever their sign"
        yield case(suite, "OptimalScale", "tie", pair[:1], ("tie",), comment, bits=bits)
        yield case(suite, "OptimalScale", "tie", pair[1:], ("tie",), comment, bits=bits)


def best_of_all(suite: str) -> Iterator[Case]:
    """Draws of widths that leave a margin, weights on a grid for the others, alternation's local optima."""
    draw = Draw("optimal-scale-global")
    for bits in (2, 3, 4, 5):
        for grain in GRAINS:
            words = f"{bits} bits, a scale a {grain.get('granularity', 'channel')}"
            shape = (3, 7) if bits < 4 else (2, 5)
            yield drawn(suite, "OptimalScaleGlobal", draw, shape, ("local-optimum",), words, bits=bits, **grain)
    for bits in (4, 5, 6):
        comment = f"{bits} bits: multiples of one number, which leave no error at all"
        yield on_the_grid(suite, draw, bits, comment)
    for bits in (6, 7, 8):
        W = [[-2.5, 2.5], [0.75, 0.75]]
        comment = f"{bits} bits: two weights of one magnitude, codes ±1; the next best are K and K − 1"
        yield case(suite, "OptimalScaleGlobal", "equal", W, ("equal-errors", "on-the-grid"), comment, bits=bits)
    yield case(
        suite,
        "OptimalScaleGlobal",
        "equal",
        [[2.5, -2.5, 0.0, 2.5]],
        ("equal-errors",),
        "one magnitude: codes ±1, not ±K",
        bits=4,
    )
    comment = "magnitudes 1 and 2: codes 1 and 2 stand before 2 and 4 or 3 and 6"
    yield case(suite, "OptimalScaleGlobal", "equal", [[1.0, -2.0, 2.0, 0.0]], ("equal-errors",), comment, bits=4)


def corners(suite: str, op: str) -> Iterator[Case]:
    """Zeros, one weight, no weight, extremes, other ranks, what is refused."""
    zeros = [[0.0, -0.0, 0.0], [2.0, -0.0, -2.0], [-0.0, 0.0, 0.0]]
    yield case(
        suite, op, "zeros", zeros, ("zero-part", "sign-of-zero"), "channels of zeros have scale 0, codes 0", bits=2
    )
    zeros = [[0.0, 0.0, 3.0, 0.0, -0.0, 0.0]]
    grain: dict[str, Any] = {"granularity": "group", "group_size": 2}
    yield case(suite, op, "zeros", zeros, ("zero-part", "scale-a-group"), "groups of zeros", bits=2, **grain)
    yield case(suite, op, "zeros", [[0.0, -0.0]], ("zero-part",), "nothing but zeros", granularity="tensor")
    for bits in (2, 3, 4) if op == "OptimalScale" else (2, 3, 4, 8):
        comment = f"one weight, {bits} bits: {'the code K of the first scale' if op == 'OptimalScale' else 'code −1'}"
        K = 2 ** (bits - 1) - 1
        weight = -2.0 * K if op == "OptimalScale" else -2.0
        yield case(suite, op, "one", [[weight]], ("one-element", "equal-errors"), comment, bits=bits)
    yield case(
        suite, op, "vector", [-1.0, 2.0, -4.0], ("one-element", "equal-errors"), "rank 1: a weight a channel", bits=2
    )
    yield case(suite, op, "scalar", -1.5, ("one-element", "equal-errors"), "rank 0: one channel of one weight", bits=2)
    yield case(suite, op, "empty", np.zeros((2, 0)), ("zero-size",), "channels without weights have scale 0")
    yield case(suite, op, "empty", np.zeros((0, 3)), ("zero-size",), "no channels", granularity="channel")
    pattern = np.array([[3.0, -1.0, 2.0, 3.0, 1.0, -3.0]])
    for e, flag in ((-149, "subnormal"), (-126, "subnormal"), (100, "huge"), (120, "huge")):
        comment = f"weights near 2^{e}: codes as of any other power of two"
        yield case(suite, op, "extreme", np.ldexp(pattern, e), (flag,), comment, bits=3)
    W = np.array([1.0, 0.25, -1.0, 0.25, 0.875, -0.125, 1.0, 0.0]).reshape(2, 2, 2, 1)
    yield case(suite, op, "rank-4", W, ("scale-a-channel",), "a convolution's weights", bits=2)
    one, requirement = tensor([[1.0]], "float32"), ("QREF-OS-007",)
    for bits in (1, 0, 9, -2):
        yield refused(
            suite, "bits", ask(op, 1, (one,), {"bits": bits}, "qref"), requirement, ("error",), f"{bits} bits"
        )
    for value, word in ((np.nan, "NaN"), (np.inf, "infinity")):
        bad = tensor(np.array([[1.0, value]], np.float32), "float32")
        yield refused(
            suite, "refused", ask(op, 1, (bad,), None, "qref"), ("QREF-QZ-001",), ("error",), f"{word} among them"
        )


def case(suite: str, op: str, slug: str, W: ArrayLike, flags: tuple[str, ...], comment: str, **attributes: Any) -> Case:
    """A case of weights W."""
    request = ask(op, 1, (tensor(np.asarray(W, np.float32), "float32"),), attributes, "qref")
    return judged(suite, slug, request, REQUIREMENTS[op], flags, comment)


def drawn(
    suite: str, op: str, draw: Draw, shape: tuple[int, ...], flags: tuple[str, ...], comment: str, **attributes: Any
) -> Case:
    """The first draw whose decisions keep the margin."""
    grain = attributes.get("granularity", "channel")
    for _ in range(TRIES):
        W = draw.integers(-999, 999, shape) * np.ldexp(1.0, -draw.integers(9, 11, (shape[0], 1)))
        with suppress(BadVectors):
            return case(suite, op, "random", W, (*flags, f"scale-a-{grain}"), comment, **attributes)
    raise BadVectors(f"{op}: no draw of {TRIES} keeps the margin: {comment}")


def descent(suite: str, draw: Draw, bits: int, steps: int, comment: str) -> Case:
    """The first draw of many small weights and few large ones that takes so many steps and keeps the margin."""
    for _ in range(TRIES):
        W = draw.integers(-999, 999, (1, 40)) * draw.integers(1, 999, (1, 40)) * 2.0**-20
        if len(list(alternation(W.astype(np.float32), highest_code(bits)))) > steps:
            with suppress(BadVectors):
                return case(suite, "OptimalScale", "descent", W, ("descent",), comment, bits=bits)
    raise BadVectors(f"OptimalScale: no draw of {TRIES} keeps the margin: {comment}")


def on_the_grid(suite: str, draw: Draw, bits: int, comment: str) -> Case:
    """Multiples of 1/8 up to K/8, the first draw that keeps the margin."""
    K = 2 ** (bits - 1) - 1
    for _ in range(TRIES):
        W = np.append([K], draw.integers(-K, K, (3,)))[np.newaxis] / 8
        with suppress(BadVectors):
            return case(suite, "OptimalScaleGlobal", "grid", W, ("on-the-grid",), comment, bits=bits)
    raise BadVectors(f"OptimalScaleGlobal: no draw of {TRIES} keeps the margin: {comment}")


def shaken(suite: str, op: str, draw: Draw, W: ArrayLike, flags: tuple[str, ...], comment: str, bits: int) -> Case:
    """W, each weight altered by up to 1/64 of itself, so that decisions keep the margin."""
    base = np.asarray(W, np.float64)
    for _ in range(TRIES):
        other = base * (1 + draw.integers(-64, 64, base.shape) / 4096)
        with suppress(BadVectors):
            return case(suite, op, "shaken", other, flags, comment, bits=bits)
    raise BadVectors(f"{op}: no draw of {TRIES} keeps the margin: {comment}")
