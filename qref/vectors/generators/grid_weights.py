"""Cases of UniformWeights, LogarithmicWeights and LloydMaxWeights."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qref.errors import BadVectors
from qref.numerics.tensor import tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

REQUIREMENT = {
    "UniformWeights": "QREF-GR-009",
    "LloydMaxWeights": "QREF-GR-010",
    "LogarithmicWeights": "QREF-GR-011",
}
REQUIREMENTS = {
    "UniformWeights": ("QREF-GR-009", "QREF-GR-006"),
    "LloydMaxWeights": ("QREF-GR-010", "QREF-GR-008"),
    "LogarithmicWeights": ("QREF-GR-011",),
}
WIDTHS = {"UniformWeights": range(2, 9), "LloydMaxWeights": range(1, 9), "LogarithmicWeights": range(2, 9)}
GRAINS: tuple[dict[str, Any], ...] = ({}, {"granularity": "tensor"}, {"granularity": "group", "group_size": 4})
NO_SPREAD = "QREF-GR-012"


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    for op in REQUIREMENT:
        yield from drawn(suite, op)
        yield from corners(suite, op)
    yield from logarithmic_ties(suite)


def drawn(suite: str, op: str) -> Iterator[Case]:
    """Every width, every granularity."""
    draw = Draw(op)
    for bits in WIDTHS[op]:
        for attributes in GRAINS if bits in (2, 4) else GRAINS[:1]:
            kind = attributes.get("granularity", "channel")
            shape = (3, 2, 3, 1) if attributes else (2, 9)
            words = f"{bits} bits, weights {list(shape)}, a scale a {kind}"
            flags = (f"scale-a-{kind}", "spread" if op != "LogarithmicWeights" else "powers-of-two")
            yield clear(suite, op, draw, shape, flags, words, bits=bits, **attributes)
    shifted = {"UniformWeights": 3, "LloydMaxWeights": 2, "LogarithmicWeights": 3}[op]
    yield clear(suite, op, draw, (2, 12), ("spread-about-zero",), "weights far from 0", offset=4.0, bits=shifted)


def clear(
    suite: str,
    op: str,
    draw: Draw,
    shape: tuple[int, ...],
    flags: tuple[str, ...],
    comment: str,
    offset: float = 0.0,
    **attributes: Any,
) -> Case:
    """The first drawing whose decisions keep clear of their boundaries."""
    for _ in range(200):
        # sums of four uniform numbers, near enough to a normal
        total = draw.integers(-(2**19), 2**19, (4, *shape)).sum(axis=0)
        W = (total * 2.0**-20 + offset).astype(np.float32)
        try:
            return case(suite, op, "random", W, flags, comment, **attributes)
        except BadVectors:
            continue
    raise BadVectors(f"{op}: no drawing keeps clear of the boundaries")


def corners(suite: str, op: str) -> Iterator[Case]:
    """Zeros, single weights, no weights, scales from subnormal to huge; what is refused."""
    usual = 3
    W = [[0.0, -0.0, 0.0, 0.0], [1.0, -1.0, 0.0, -0.0]]
    comment = "a channel of zeros; zeros beside other weights"
    yield case(suite, op, "zeros", W, ("sign-of-zero", "zero-scale"), comment, extra=(NO_SPREAD,), bits=usual)
    yield case(suite, op, "one", [[-2.5], [0.375]], ("one-element",), "one weight a channel", bits=usual)
    yield case(suite, op, "vector", [-1.0, 2.0, -4.0], ("one-element",), "rank 1: every weight a channel", bits=usual)
    comment = "channels without weights"
    yield case(suite, op, "empty", np.zeros((2, 0)), ("zero-size",), comment, extra=(NO_SPREAD,), bits=usual)
    outlier = np.array([[0.06, -0.05, 0.04, 0.07, -0.06, 0.05, -0.04, 0.05, 0.06, -0.07, 0.05, 3.0]])
    yield case(suite, op, "outlier", outlier, ("outlier",), "one weight that is far larger than the others", bits=4)
    base = np.array([[1.0, -0.3, 0.625, 0.11, -1.5, 0.04, 0.9, -0.77]])
    for e in (-142, -100, 60, 126):
        flags = ("subnormal",) if e == -142 else ("wide-range",)
        comment = f"weights around 2^{e}: their squares leave float32"
        yield case(suite, op, "scale", np.ldexp(base, e), flags, comment, bits=usual)
    for value, word in ((np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "minus infinity")):
        request = ask(op, 1, (tensor(np.array([[1.0, value]], np.float32), "float32"),), {"bits": usual}, "qref")
        yield refused(suite, "refused", request, ("QREF-QZ-001",), ("error",), f"{word} among the weights")
    for bits in (WIDTHS[op][0] - 1, 9):
        request = ask(op, 1, (tensor([[1.0]], "float32"),), {"bits": bits}, "qref")
        yield refused(suite, "bits", request, (REQUIREMENT[op],), ("error",), f"{bits} bits")


def logarithmic_ties(suite: str) -> Iterator[Case]:
    """Halfway between powers, the largest power, and powers that float32 does not hold."""
    for bits in (2, 3, 4, 8):
        K = (1 << (bits - 1)) - 1
        e = np.arange(0, -min(K + 2, 12), -1.0)
        halves = np.concatenate([2.0**e, 1.5 * 2.0 ** (e - 1), -1.5 * 2.0 ** (e - 1), 2.0**-K * np.array([0.5, 1, -1])])
        comment = f"{bits} bits: powers, halfway between two, half of the least"
        flags = ("powers-of-two", "code-tie")
        yield case(suite, "LogarithmicWeights", "ties", halves[np.newaxis], flags, comment, bits=bits)
        near = np.nextafter(np.float32(halves), np.float32(0))[np.newaxis]
        comment = f"{bits} bits: just below"
        yield case(suite, "LogarithmicWeights", "near-ties", near, ("near-tie",), comment, bits=bits)
        W = 2.0**e * 1.4375
        comment = f"{bits} bits: between √2 and 1.5 times a power"
        yield case(suite, "LogarithmicWeights", "between", W[np.newaxis], ("nearest-in-value",), comment, bits=bits)
    top = [[1.5, 0.2], [np.nextafter(np.float32(1.5), np.float32(0)), 0.2], [2.0, 0.2], [1.0, 0.2]]
    yield case(suite, "LogarithmicWeights", "largest", top, ("inq-range",), "the largest power: 2, 1, 2, 1", bits=3)
    ends = [[3.3e38, 2.0**126, 1.0], [2.0**-149, 2.0**-148, -(2.0**-147)]]
    yield case(suite, "LogarithmicWeights", "ends", ends, ("wide-range", "subnormal"), "powers beyond float32", bits=4)


def case(
    suite: str,
    op: str,
    slug: str,
    W: ArrayLike,
    flags: tuple[str, ...],
    comment: str,
    extra: tuple[str, ...] = (),
    **attributes: Any,
) -> Case:
    """A case of one of the three."""
    request = ask(op, 1, (tensor(np.asarray(W, np.float32), "float32"),), attributes, "qref")
    return judged(suite, slug, request, (*REQUIREMENTS[op], *extra, "QREF-QZ-002"), flags, comment)
