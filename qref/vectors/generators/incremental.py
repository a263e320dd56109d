"""Cases of IncrementalEncode, IncrementalFreeze and IncrementalStep."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import tensor
from qref.ops.request import Request
from qref.quantizers.incremental import counts, freeze
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.ternary_weight import normal

RANGE, RULE, PARTITION, STEP = "QREF-LB-030", "QREF-LB-031", "QREF-LB-032", "QREF-LB-033"

BELOW = float(np.nextafter(np.float32(0.75 * 2**20), np.float32(0)))


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from encoded(suite)
    yield from frozen(suite)
    yield from steps(suite)


def encoded(suite: str) -> Iterator[Case]:
    """Codes of powers of two."""
    draw = Draw("inq")

    def asked(W: ArrayLike, bits: int) -> Request:
        return ask("IncrementalEncode", 1, (tensor(np.asarray(W, np.float32), "float32"),), {"bits": bits}, "qref")

    def case(slug: str, W: ArrayLike, bits: int, flags: tuple[str, ...], comment: str) -> Case:
        return judged(suite, slug, asked(W, bits), (RANGE, RULE), flags, comment)

    for bits in range(2, 9):
        yield case("random", draw.signed_float32(-8, 0, (3, 8)), bits, ("powers-of-two",), f"{bits} bits, 9 binades")
        yield case("bell", normal(draw, (2, 10)) / 8, bits, ("powers-of-two",), f"{bits} bits, shaped as a bell")
    for s, comment in (
        (0.75, "4s/3 is 1: n₁ is 0"),
        (float(np.nextafter(np.float32(0.75), np.float32(0))), "4s/3 is just below 1: n₁ is −1"),
        (0.8, "s below 1, above 3/4: n₁ is 0, not ⌊log₂ s⌋"),
        (0.72, "s above 1/√2: n₁ is −1, not log₂ s rounded"),
        (BELOW, "4s/3 is just below 2²⁰: its logarithm in float32 is 20, and n₁ is 19"),
        (1.0, "s is a power of two"),
        (1.4, "s is rounded down to 1"),
        (1.5, "3β/2 itself: n₁ is 1"),
    ):
        W = [[s, -s, s / 2, s / 4, -s / 8, s / 16]]
        yield case("range", W, 4, ("inq-range",), comment)
    ties = [[1.0, 0.75, -0.75, 0.375, -0.375, 0.1875, 0.09375, -0.09375, 0.0625, -0.0625]]
    yield case("ties", ties, 4, ("tie", "powers-of-two"), "(α + β)/2 itself goes up to β, of either sign")
    near = np.nextafter(np.array(ties, np.float32), np.float32(0))
    yield case("near-ties", near, 4, ("near-tie", "powers-of-two"), "one ULP toward zero: down to α")
    least = [[1.0, -0.5, 0.25, -0.25, 0.24, -0.24, 0.2, 0.1]]
    yield case("least", least, 3, ("powers-of-two",), "half of 2^n₂ is kept, what lies below is 0")
    yield case("zeros", [[0.0, -0.0, 1.0]], 3, ("sign-of-zero",), "zeros of either sign are code 0")
    yield case("all-zero", [[0.0, -0.0]], 3, ("sign-of-zero",), "zeros alone: n₁ is 0")
    yield case("one", [[-0.3]], 2, ("one-element",), "one weight, ternary codes")
    yield case("empty", np.zeros((2, 0)), 4, ("zero-size",), "no weights: n₁ is 0")
    small = np.array([[1.0, 2.0, -3.0, 5.0, 100.0]], np.float32) * np.float32(2.0**-149)
    yield case("subnormal", small, 5, ("subnormal",), "subnormal weights; powers that float32 has not stand as 0")
    yield case("huge", np.array([[1.4, -1.0, 0.3]]) * 2.0**127, 3, ("powers-of-two",), "2¹²⁷ is the largest power")
    beyond = asked(np.array([[1.5]]) * 2.0**127, 3)
    yield refused(suite, "beyond", beyond, (RANGE,), ("error",), "1.5 · 2¹²⁷ would need 2¹²⁸")
    yield refused(suite, "refused", asked([[np.inf]], 3), ("QREF-QZ-001",), ("error",), "infinity among the weights")
    for bits in (1, 9):
        yield refused(suite, "width", asked([[1.0]], bits), (RANGE,), ("error",), f"{bits} bits")


def frozen(suite: str) -> Iterator[Case]:
    """Steps of the schedule: which weights join, and what they become."""
    draw = Draw("inq freeze")

    def asked(W: ArrayLike, mask: ArrayLike, count: int, bits: int) -> Request:
        inputs = tensor(np.asarray(W, np.float32), "float32"), tensor(np.asarray(mask, np.uint8), "uint8")
        return ask("IncrementalFreeze", 1, inputs, {"count": count, "bits": bits}, "qref")

    def case(slug: str, W: ArrayLike, mask: ArrayLike, count: int, bits: int, comment: str) -> Case:
        request = asked(W, mask, count, bits)
        return judged(suite, slug, request, (PARTITION, RULE), ("inq-partition",), comment)

    for bits in (3, 5):
        W, mask = draw.signed_float32(-5, 0, (4, 5)), np.zeros((4, 5), np.uint8)
        for done, count in enumerate(counts(W.size)):
            yield case("schedule", W, mask, count, bits, f"{bits} bits, {count} of {W.size} weights, step {done + 1}")
            W, mask = freeze(W, mask, count, bits)
            shift = draw.signed_float32(-7, -4, W.shape)
            W = np.where(mask != 0, W, W + shift).astype(np.float32)
    tied = [[0.5, -0.5, 0.5, 0.25, -0.5]]
    yield case("ties", tied, [[0, 0, 0, 0, 0]], 2, 3, "of equal magnitudes the first two join")
    yield case("ties", tied, [[0, 0, 0, 0, 1]], 3, 3, "frozen weights count, and the first of the others join")
    yield case("held", [[0.125, 1.0, -0.9, 0.7]], [[1, 0, 0, 0]], 2, 4, "a small frozen weight stays frozen")
    yield case("grown", [[0.25, 1.0, 3.1, 0.1]], [[1, 1, 0, 0]], 3, 3, "the range has grown: frozen weights follow it")
    beyond = "a free weight beyond the frozen ones sets the range: P is that of the layer"
    yield case("grown", [[1.0, 3.1, 0.4]], [[1, 0, 0]], 1, 3, beyond)
    yield case("grown", [[0.5, -0.25, 0.9, -6.5]], [[1, 1, 0, 0]], 2, 4, beyond)
    ties = [[1.0, 0.75, -0.75, 0.375, -0.375, 0.1875, 0.0625, -0.0625]]
    yield case("rule", ties, np.zeros((1, 8)), 8, 4, "halfway between two powers: up, as eq. 4 has it")
    for s in (0.72, 0.8, 1.45, 1.5, BELOW):
        layer = [[s, -s / 2, s / 4, s / 64]]
        yield case("range", layer, np.zeros((1, 4)), 2, 3, f"max |w| is {s:g}: the range of IncrementalEncode")
    yield case("none", [[0.3, -0.7]], [[0, 0]], 0, 3, "nothing is frozen: all as it was")
    yield case("all", [[0.3, -0.7, 0.0]], [[0, 0, 0]], 3, 3, "everything is frozen")
    yield case("same", [[0.5, -1.0, 0.3]], [[1, 1, 0]], 2, 3, "no other weight joins; what is in P stays")
    for count, comment in ((0, "fewer than are frozen"), (3, "more than there are")):
        request = asked([[1.0, 0.5]], [[1, 0]], count, 3)
        yield refused(suite, "count", request, (PARTITION,), ("error",), comment)
    yield refused(suite, "mask", asked([[1.0]], [[2]], 1, 3), (PARTITION,), ("error",), "a mask of 2")


def steps(suite: str) -> Iterator[Case]:
    """W, gradient, mask → W'."""
    draw = Draw("inq step")

    def case(slug: str, W: ArrayLike, g: ArrayLike, mask: ArrayLike, comment: str, **attributes: Any) -> Case:
        inputs = (
            tensor(np.asarray(W, np.float32), "float32"),
            tensor(np.asarray(g, np.float32), "float32"),
            tensor(np.asarray(mask, np.uint8), "uint8"),
        )
        request = ask("IncrementalStep", 1, inputs, attributes, "qref")
        return judged(suite, slug, request, (STEP,), ("inq-step",), comment)

    for rate in (0.01, 0.25, 1.0):
        W, g = draw.signed_float32(-4, 0, (3, 5)), draw.signed_float32(-3, 2, (3, 5))
        yield case("random", W, g, draw.integers(0, 1, (3, 5)), f"learning rate {rate}", learning_rate=rate)
    for rate, comment in ((0.0, "learning rate 0: nothing moves"), (-0.5, "a negative learning rate goes up")):
        yield case("rate", [[0.5, -0.25]], [[1.0, 3.0]], [[0, 1]], comment, learning_rate=rate)
    yield case("frozen", [[0.5, -0.25]], [[1.0, 1.0]], [[1, 1]], "all frozen: nothing moves")
    yield case("free", [[0.5, -0.25]], [[1.0, 1.0]], [[0, 0]], "none frozen: all move")
    yield case("empty", np.zeros((0, 2)), np.zeros((0, 2)), np.zeros((0, 2)), "no weights")
