"""Cases of DoReFa-Net: weights, their step, activations, their way back, gradients."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import tensor
from qref.ops.request import Request
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.clear_margin import clear
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.ternary_weight import normal

ROUNDED = "QREF-LB-020"
WEIGHTS, ONE_BIT, BACK = (ROUNDED, "QREF-LB-021"), ("QREF-LB-022",), ("QREF-LB-023",)
ACTIVATIONS, MASK = (ROUNDED, "QREF-LB-024"), ("QREF-LB-025",)
GRADIENTS, FLOAT = (ROUNDED, "QREF-LB-026", "QREF-LB-027"), ("QREF-LB-028",)
SIZES = {6: (2, 6), 7: (2, 4), 8: (2, 3)}  # the more boundaries, the fewer numbers keep clear of all


def asked(op: str, *inputs: ArrayLike, **attributes: Any) -> Request:
    tensors = tuple(tensor(np.asarray(x, np.float32), "float32") for x in inputs)
    return ask(op, 1, tensors, attributes, "qref")


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from weights(suite)
    yield from weight_steps(suite)
    yield from activations(suite)
    yield from gradients(suite)


def weights(suite: str) -> Iterator[Case]:
    """Codes and codebooks of layers."""
    draw = Draw("dorefa weights")
    op = "DoReFaWeight"
    for bits in range(1, 9):
        for low, high in ((-5, -1), (-2, 1)):
            shape = SIZES.get(bits, (2, 3, 2, 2))
            request = clear(asked(op, draw.signed_float32(low, high, shape), bits=bits) for _ in count())
            flags = ("dorefa-one-bit",) if bits == 1 else ("dorefa-weight",)
            comment = f"{bits} bits, magnitudes 2^{low} to 2^{high + 1}"
            yield judged(suite, "random", request, ONE_BIT if bits == 1 else WEIGHTS, flags, comment)
    for bits in (2, 3, 4):
        request = clear(asked(op, normal(draw, (2, 16)) / 4, bits=bits) for _ in count())
        yield judged(suite, "bell", request, WEIGHTS, ("dorefa-weight",), f"{bits} bits, weights shaped as a bell")
        request = clear(asked(op, normal(draw, (2, 8)) / 512, bits=bits) for _ in count())
        yield judged(suite, "small", request, WEIGHTS, ("dorefa-weight",), f"{bits} bits, small weights fill the range")
        zeros = asked(op, [[0.0, -0.0, 1.0], [-1.0, 0.0, 0.125]], bits=bits)
        yield judged(suite, "zeros", zeros, WEIGHTS, ("tie", "sign-of-zero"), f"{bits} bits: 0 is halfway, and goes up")
        nothing = asked(op, [[0.0, -0.0]], bits=bits)
        yield judged(
            suite, "all-zero", nothing, WEIGHTS, ("sign-of-zero",), f"{bits} bits, zeros alone: each is halfway"
        )
        yield judged(
            suite, "one", asked(op, [[-0.3]], bits=bits), WEIGHTS, ("one-element",), f"{bits} bits, one weight"
        )
    rows = [[4.0, -2.0, 1.0], [0.5, 0.25, -0.125]]
    yield judged(suite, "rows", asked(op, rows, bits=1), ONE_BIT, ("dorefa-one-bit",), "one scale for all channels")
    rows = [[3.0, 1.0, 5.0], [-1.0, 7.0, 0.0]]
    yield judged(suite, "rows", asked(op, rows, bits=1), ONE_BIT, ("dorefa-one-bit",), "the mean of |w| over the layer")
    zeros = asked(op, [[0.0, -0.0, 1.0]], bits=1)
    yield judged(suite, "zeros", zeros, ONE_BIT, ("sign-of-zero",), "one bit: zeros of either sign are +1")
    yield judged(suite, "all-zero", asked(op, [[0.0, -0.0]], bits=1), ONE_BIT, ("sign-of-zero",), "zeros: a scale of 0")
    yield judged(suite, "empty", asked(op, np.zeros((2, 0)), bits=1), ONE_BIT, ("zero-size",), "no weights: scale 0")
    yield judged(suite, "empty", asked(op, np.zeros((2, 0)), bits=3), WEIGHTS, ("zero-size",), "no weights")
    large = clear(
        asked(op, [[30.0, -20.0, 0.3, -0.1, *draw.signed_float32(-3, -1, (2,)).tolist()]], bits=3) for _ in count()
    )
    yield judged(suite, "large", large, WEIGHTS, ("dorefa-weight",), "weights where tanh is 1")
    least = np.array([[7.0, -3.0, 1.0, 2.0]], np.float32) * np.float32(2.0**-149)
    yield judged(suite, "subnormal", asked(op, least, bits=2), WEIGHTS, ("subnormal",), "subnormal weights")
    for bits in (0, 9, 32):
        yield refused(suite, "width", asked(op, [[1.0]], bits=bits), WEIGHTS, ("error",), f"codes of {bits} bits")
    yield refused(suite, "refused", asked(op, [[np.nan, 1.0]]), ("QREF-QZ-001",), ("error",), "NaN among the weights")


def weight_steps(suite: str) -> Iterator[Case]:
    """W, gradient → gradient of W, W'."""
    draw = Draw("dorefa step")
    op, flags = "DoReFaWeightStep", ("dorefa-backward",)
    for bits in (1, 2, 4, 8, 32):
        for low, high in ((-5, -1), (-1, 0)):
            request = clear(
                asked(
                    op,
                    draw.signed_float32(low, high, (3, 4)),
                    draw.signed_float32(-3, 1, (3, 4)),
                    bits=bits,
                    learning_rate=0.125,
                )
                for _ in count()
            )
            yield judged(suite, "random", request, BACK, flags, f"{bits} bits, magnitudes 2^{low} to 2^{high + 1}")
    tied = asked(op, [[0.5, -0.5, 0.25]], [[1.0, 2.0, 4.0]], bits=2)
    yield judged(suite, "tied", tied, BACK, flags, "two weights reach the maximum, and share its gradient")
    tied = asked(op, [[0.75, 0.25], [0.75, -0.75]], [[1.0, -8.0], [0.5, 3.0]], bits=3, learning_rate=0.5)
    yield judged(suite, "tied", tied, BACK, flags, "three weights of both signs reach the maximum")
    large = asked(op, [[4.0, -2.0, 6.0]], [[1.0, 2.0, 4.0]], bits=4, learning_rate=0.5)
    yield judged(suite, "large", large, BACK, flags, "large weights, where tanh is nearly level: they hardly move")
    for rate, comment in ((0.0, "learning rate 0: nothing moves"), (-1.0, "a negative learning rate goes up")):
        still = asked(op, [[0.5, -0.25]], [[1.0, 2.0]], bits=2, learning_rate=rate)
        yield judged(suite, "rate", still, BACK, flags, comment)
    one = asked(op, [[0.5]], [[2.0]], bits=2)
    yield judged(suite, "one", one, BACK, ("one-element",), "one weight is its own maximum: its gradient is 0")
    zero = asked(op, [[0.0, -0.0, 0.75]], [[1.0, 2.0, 0.5]], bits=3)
    yield judged(suite, "zeros", zero, BACK, ("sign-of-zero",), "zeros take the gradient divided by the maximum")
    yield judged(suite, "empty", asked(op, np.zeros((0, 2)), np.zeros((0, 2))), BACK, ("zero-size",), "no weights")
    for bits in (1, 32):
        still = asked(op, [[0.0, 0.0]], [[1.0, -1.0]], bits=bits)
        yield judged(suite, "all-zero", still, BACK, ("sign-of-zero",), f"{bits} bits: zeros move as any weight")
    nothing = asked(op, [[0.0, 0.0]], [[1.0, 1.0]], bits=2)
    yield refused(suite, "all-zero", nothing, BACK, ("error",), "zeros alone have no derivative")


def activations(suite: str) -> Iterator[Case]:
    """Values, and gradients of the input."""
    draw = Draw("dorefa activations")
    op = "DoReFaActivation"
    edges = [0.0, -0.0, 1.0, -1.0, 1.5, -(2.0**-149), float(np.nextafter(np.float32(1), np.float32(2))), 100.0]
    for bits in range(1, 9):
        request = clear(asked(op, draw.signed_float32(-4, 0, SIZES.get(bits, (3, 5))), bits=bits) for _ in count())
        yield judged(suite, "random", request, ACTIVATIONS, ("dorefa-activation",), f"{bits} bits")
        request = clear(asked(op, draw.float32(-2, -1, SIZES.get(bits, (3, 5))), bits=bits) for _ in count())
        yield judged(suite, "inside", request, ACTIVATIONS, ("dorefa-activation",), f"{bits} bits, inside [1/4, 1)")
        if bits not in (1, 2, 3, 8):
            continue
        yield judged(
            suite, "edges", asked(op, edges, bits=bits), ACTIVATIONS, ("dorefa-activation",), "at and beyond the ends"
        )
        comment = "1/2 is 0 of one bit: to even" if bits == 1 else f"1/2 is a tie of {bits} bits, and goes up: to even"
        yield judged(suite, "half", asked(op, [0.5, 1.0, 0.0], bits=bits), ACTIVATIONS, ("tie",), comment)
    halves = asked(op, [[0.5, 0.25], [0.75, 0.5]], bits=1)
    yield judged(suite, "half", halves, ACTIVATIONS, ("tie",), "1/2 of one bit beside numbers that are no ties")
    beyond = draw.signed_float32(-4, 2, (3, 4))
    yield judged(suite, "float", asked(op, beyond, bits=32), FLOAT, ("dorefa-float",), "32 bits: as they are")
    request = asked(op, edges, bits=32)
    yield judged(suite, "float", request, FLOAT, ("dorefa-float",), "32 bits: neither clipped nor cut at 0")
    yield judged(suite, "empty", asked(op, np.zeros((0, 3))), ACTIVATIONS, ("zero-size",), "no activations")
    yield refused(suite, "refused", asked(op, [np.inf]), ("QREF-QZ-001",), ("error",), "infinity")
    yield refused(suite, "width", asked(op, [0.5], bits=9), ACTIVATIONS, ("error",), "9 bits")
    op, flags = "DoReFaActivationBackward", ("dorefa-backward",)
    for bits in (1, 2, 8, 32):
        x, g = draw.signed_float32(-4, 1, (3, 5)), draw.signed_float32(-3, 3, (3, 5))
        yield judged(suite, "random", asked(op, x, g, bits=bits), MASK, flags, f"{bits} bits")
        ends = asked(op, edges, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], bits=bits)
        yield judged(suite, "ends", ends, MASK, flags, f"{bits} bits: 0 and 1 themselves pass the gradient")


def gradients(suite: str) -> Iterator[Case]:
    """Gradients with the noise of a stream."""
    draw = Draw("dorefa gradients")
    op = "DoReFaGradient"
    seeds = iter(range(1, 10**6))
    for bits in range(1, 9):
        for shape in ((3, *SIZES.get(bits, (2, 6))[1:]), (2, 2, 2, 1)):
            request = clear(
                asked(op, draw.signed_float32(-6, 1, shape), bits=bits, seed=next(seeds), tensor=bits) for _ in count()
            )
            flags = ("dorefa-gradient", "random-stream")
            yield judged(suite, "random", request, GRADIENTS, flags, f"{bits} bits, {shape[0]} instances")
    rows = np.array([[1.0, 0.3, -0.7], [0.001, -0.0004, 0.0002]])
    for bits in (2, 4):
        request = clear(asked(op, rows, bits=bits, seed=next(seeds)) for _ in count())
        yield judged(
            suite, "instances", request, GRADIENTS, ("dorefa-gradient",), "a small instance beside a large one"
        )
        request = clear(asked(op, [[1.0, *[0.02] * 23]], bits=bits, seed=next(seeds)) for _ in count())
        yield judged(
            suite, "small", request, GRADIENTS, ("dorefa-gradient",), "small gradients: noise alone moves them"
        )
    request = clear(asked(op, [[0.0, 0.0], [1.0, -0.5]], seed=next(seeds)) for _ in count())
    yield judged(suite, "zeros", request, GRADIENTS, ("sign-of-zero",), "an instance of zeros is 0 whatever its noise")
    request = clear(asked(op, [0.5, -2.0, 0.25], bits=3, seed=next(seeds)) for _ in count())
    yield judged(suite, "vector", request, GRADIENTS, ("one-element",), "rank 1: every element its own instance")
    request = clear(asked(op, [3.0, 0.5, -0.25, 0.125, -2.0], bits=2, seed=next(seeds)) for _ in count())
    yield judged(suite, "vector", request, GRADIENTS, ("one-element",), "rank 1: none is scaled by the largest of all")
    request = clear(asked(op, np.float32(-1.5), bits=3, seed=next(seeds)) for _ in count())
    yield judged(suite, "scalar", request, GRADIENTS, ("one-element",), "rank 0: one instance of one element")
    for seed, number in ((2**53 - 1, 0), (1, 2**32 - 1), (0, 0), (2**40 + 3, 2)):
        request = clear(asked(op, draw.signed_float32(-2, 1, (2, 5)), seed=seed, tensor=number) for _ in count())
        yield judged(suite, "stream", request, GRADIENTS, ("random-stream",), f"seed {seed}, tensor {number}")
    yield judged(suite, "float", asked(op, [[0.1, -0.2]], bits=32), FLOAT, ("dorefa-float",), "32 bits: as they are")
    yield judged(suite, "empty", asked(op, np.zeros((2, 0))), GRADIENTS, ("zero-size",), "no gradients")
    yield refused(suite, "refused", asked(op, [[np.nan]]), ("QREF-QZ-001",), ("error",), "a gradient that is NaN")
    yield refused(suite, "stream", asked(op, [[1.0]], tensor=2**32), GRADIENTS, ("error",), "tensor number 2³²")
