"""Cases of BinaryWeight and BinaryWeightStep: signs and the mean of |w|, and one step of training."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

SIGNS, SCALES, STEP = "QREF-BW-001", "QREF-BW-002", "QREF-BW-007"
SEED = [[0.2, 0.1, -0.2, 0.4], [-0.5, 0.6, -0.3, 0.7], [-0.4, -0.7, 0.8, 0.3], [0.9, 0.4, -0.6, 0.7]]
GRAINS: tuple[dict[str, object], ...] = ({}, {"granularity": "tensor"}, {"granularity": "group", "group_size": 3})


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("binary-weight")

    def case(slug: str, W: ArrayLike, flags: tuple[str, ...], comment: str, **attributes: object) -> Case:
        request = ask("BinaryWeight", 1, (tensor(np.asarray(W, np.float32), "float32"),), attributes, "qref")
        return judged(suite, slug, request, (SIGNS, SCALES, "QREF-QZ-002"), flags, comment)

    yield case(
        "seed", SEED, ("scale-a-channel",), "the seed's example: means .225, .525, .55, .65 of the float32 inputs"
    )
    for shape in ((3, 5), (2, 3, 3, 3), (4, 7, 1, 1)):
        for attributes in GRAINS:
            W = draw.signed_float32(-6, 0, shape)
            comment = f"weights {list(shape)}, a scale a {attributes.get('granularity', 'channel')}"
            yield case("random", W, ("scale-a-channel",), comment, **attributes)
    zeros = [[0.0, -0.0, 1.0, -1.0], [-0.0, -0.0, -0.0, -0.0]]
    yield case("zeros", zeros, ("sign-of-zero",), "+0 and −0 are +1; a channel of zeros has scale 0")
    yield case(
        "uneven", [[3.0, 1.0, -1.0], [0.0, 5.0, 0.0]], ("mean-magnitude",), "|w| and w have other means; zeros count"
    )
    yield case("one", [[-2.5]], ("one-element",), "one weight: its scale is its magnitude")
    tiny = [[2.0**-149, -(2.0**-149), 2.0**-149], [2.0**-126, -3 * 2.0**-140, 0.0]]
    yield case("subnormal", tiny, ("mean-magnitude", "subnormal"), "scales at 2⁻¹⁴⁹ and among the subnormal numbers")
    yield case(
        "large", [[6e37, -1e37, 2e37]], ("mean-magnitude", "magnitudes"), "large weights, whose sum is a float32"
    )
    huge = [[3e38, -3e38, 2e38, -1e38]]
    yield case("overflow", huge, ("mean-magnitude", "overflow"), "a mean of magnitudes whose sum no float32 holds")
    yield case("vector", [-1.0, 2.0, -4.0], ("one-element",), "rank 1: every weight a channel")
    yield case("empty", np.zeros((2, 0)), ("zero-size",), "channels without weights have scale 0")
    yield from steps(suite)
    for value, word in ((np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "minus infinity")):
        W = np.array([[1.0, value]], np.float32)
        request = ask("BinaryWeight", 1, (tensor(W, "float32"),), domain="qref")
        yield refused(suite, "refused", request, ("QREF-QZ-001",), ("error",), f"{word} among the weights")


def steps(suite: str) -> Iterator[Case]:
    """∂C/∂W = g (1/n + α where |w| ≤ 1) and W' = W − η ∂C/∂W."""
    draw = Draw("binary-weight step")
    up = float(np.nextafter(np.float32(1), np.float32(2)))

    def case(
        slug: str, W: ArrayLike, g: ArrayLike, eta: float, flags: tuple[str, ...], comment: str, **attributes: object
    ) -> Case:
        inputs = tuple(tensor(np.asarray(x, np.float32), "float32") for x in (W, g))
        request = ask("BinaryWeightStep", 1, inputs, {"learning_rate": eta, **attributes}, "qref")
        return judged(suite, slug, request, (STEP, SCALES, "QREF-QZ-002"), ("update", *flags), comment)

    for shape in ((3, 5), (2, 3, 2, 2), (4, 3, 1, 1)):
        for attributes in GRAINS:
            W, g = draw.signed_float32(-4, 0, shape), draw.signed_float32(-3, 2, shape)
            comment = f"weights {list(shape)}, a scale a {attributes.get('granularity', 'channel')}"
            yield case("random", W, g, 0.01, ("straight-through",), comment, **attributes)
    ends = [[1.0, -1.0, up, -up, 0.5, 2.0]]
    yield case("ends", ends, [[1.0] * 6], 0.5, ("straight-through",), "|w| = 1 has a derivative, a unit more has none")
    yield case(
        "beyond",
        [[3.0, -5.0], [0.5, 2.0]],
        [[1.0, 1.0], [1.0, -1.0]],
        1.0,
        ("straight-through",),
        "beyond ±1 only g / n is left",
    )
    yield case(
        "small",
        [[0.25, -0.25, 0.25, 0.25]],
        [[1.0, 2.0, -4.0, 8.0]],
        1.0,
        ("straight-through",),
        "g (¼ + ¼): a factor r, or a sum over the filter, shows",
    )
    yield case(
        "zeros",
        [[0.0, -0.0], [-0.0, 1.0]],
        [[1.0, 1.0], [2.0, 2.0]],
        0.5,
        ("sign-of-zero", "straight-through"),
        "zeros lie inside ±1; a channel of zeros has α = 0",
    )
    yield case(
        "no-clip",
        [[0.9, -0.9]],
        [[-4.0, 4.0]],
        1.0,
        ("straight-through",),
        "weights move beyond ±1: nothing clips them",
    )
    yield case(
        "rates",
        [[0.5, -0.25], [0.75, 2.0]],
        [[1.0, -2.0], [-0.5, 4.0]],
        -0.5,
        ("straight-through",),
        "a negative rate goes uphill",
    )
    yield case(
        "rates", [[0.5, -0.25]], [[1.0, -2.0]], 0.0, ("straight-through",), "a rate of 0 leaves weights as they are"
    )
    small = [[2.0**-149, 2.0**-130]], [[2.0**-148, -(2.0**-140)]]
    yield case("small-step", *small, 1.0, ("straight-through", "subnormal"), "subnormal weights and gradients")
    yield case("one", [[-2.5]], [[2.0]], 0.5, ("one-element",), "one weight: n = 1")
    yield case("vector", [-0.5, 2.0, 0.25], [1.0, 1.0, 1.0], 0.5, ("one-element",), "rank 1: every weight a channel")
    yield case("empty", np.zeros((2, 0)), np.zeros((2, 0)), 0.5, ("zero-size",), "channels without weights")
    inputs = tensor(np.ones((1, 2), np.float32), "float32"), tensor(np.ones((2, 1), np.float32), "float32")
    yield refused(
        suite, "shapes", ask("BinaryWeightStep", 1, inputs, domain="qref"), (STEP,), ("error",), "other shapes"
    )
