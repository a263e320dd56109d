"""Cases of XNOR-Net: signs and K of activations, the gradient through signs, and whole layers."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import tensor
from qref.vectors.case import Case
from qref.vectors.generators.binary_connect import floats
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

SIGNS, SCALES, BACK, WINDOWS, LAYER = "QREF-BW-001", "QREF-BW-002", "QREF-BW-008", "QREF-BW-009", "QREF-BW-010"

# image [N, C, D1, …], kernel [M, C/G, k1, …], attributes, flags beside those of all, what it is for
Layer = tuple[tuple[int, ...], tuple[int, ...], dict[str, object], tuple[str, ...], str]
GEOMETRIES: tuple[Layer, ...] = (
    ((1, 3, 4, 4), (2, 3, 1, 1), {}, (), "kernels of one tap"),
    ((1, 2, 5, 5), (3, 2, 3, 3), {}, (), "kernels of 3×3"),
    ((1, 2, 6, 6), (2, 2, 5, 5), {}, (), "kernels of 5×5"),
    ((2, 4, 4, 5), (3, 4, 3, 3), {"pads": [1, 1, 1, 1]}, ("padding", "batch"), "a pixel of padding all around"),
    ((1, 3, 4, 4), (2, 3, 5, 5), {"pads": [2, 2, 2, 2]}, ("padding",), "5×5 with two pixels of padding"),
    ((1, 3, 5, 4), (2, 3, 3, 2), {"pads": [2, 0, 1, 1]}, ("padding", "asymmetric-pads"), "other padding on each side"),
    ((1, 2, 7, 6), (2, 2, 3, 3), {"strides": [2, 3], "pads": [1, 1, 1, 1]}, ("padding", "stride"), "strides 2 and 3"),
    ((1, 2, 7, 7), (2, 2, 3, 3), {"dilations": [2, 2]}, ("dilation",), "dilation 2"),
    (
        (1, 2, 5, 5),
        (2, 2, 3, 3),
        {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
        ("padding", "same-upper"),
        "SAME_UPPER",
    ),
    ((1, 2, 6, 5), (2, 2, 2, 2), {"auto_pad": "SAME_LOWER"}, ("padding", "same-lower", "even-kernel"), "SAME_LOWER"),
    (
        (1, 4, 4, 4),
        (4, 2, 3, 3),
        {"group": 2, "pads": [1, 1, 1, 1]},
        ("padding", "group"),
        "two groups, each with its K",
    ),
    ((1, 3, 4, 4), (3, 1, 3, 3), {"group": 3}, ("group", "depthwise"), "a channel a group"),
    ((1, 2, 9), (3, 2, 3), {"pads": [1, 1]}, ("padding", "one-dimensional"), "one dimension of space"),
    ((1, 2, 3, 4, 3), (2, 2, 2, 2, 2), {}, ("three-dimensional",), "three dimensions of space"),
)
TAILS: tuple[Layer, ...] = tuple(
    ((1, C, 2, 2), (2, C, 1, 1), {}, ("channel-tail",), f"{C} channels") for C in (7, 8, 9, 31, 32, 33, 63, 64, 65)
)
PADDED_TAILS: tuple[Layer, ...] = tuple(
    ((1, C, 3, 3), (2, C, 3, 3), {"pads": [1, 1, 1, 1]}, ("channel-tail", "padding"), f"{C} channels, 3×3, padded")
    for C in (31, 32, 33, 65)
)


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    yield from activations(suite)
    yield from through_signs(suite)
    yield from layers(suite)
    yield from by_hand(suite)
    yield from what_is_refused(suite)


def activations(suite: str) -> Iterator[Case]:
    """Signs and K."""
    draw = Draw("xnor-net activations")
    for x, w, given, flags, comment in (*GEOMETRIES, *TAILS[:5]):
        X = draw.signed_float32(-4, 1, x)
        yield activation(suite, "random", X, w[2:], given, ("window-mean", *flags), comment)
    mixed = [[[[3.0, -1.0], [1.0, 1.0]], [[-3.0, 1.0], [-1.0, -1.0]]]]
    yield activation(
        suite, "cancelling", mixed, (1, 1), {}, ("window-mean",), "channels that cancel: |Σ| is 0, Σ|·| is not"
    )
    zeros = [[[[0.0, -0.0], [-0.0, 0.0]]]]
    yield activation(
        suite, "zeros", zeros, (2, 2), {}, ("window-mean", "sign-of-zero"), "an image of zeros: +1, and K = 0"
    )
    tiny = np.full((1, 1, 2, 2), 2.0**-149)
    yield activation(suite, "subnormal", tiny, (1, 1), {}, ("window-mean", "subnormal"), "subnormal pixels")
    huge = np.full((1, 2, 2, 2), 8e37)
    yield activation(suite, "large", huge, (1, 1), {}, ("window-mean", "magnitudes"), "means of large pixels")
    comment = "the mean of a window whose sum no float32 holds"
    yield activation(suite, "overflow", 4 * huge, (2, 2), {}, ("window-mean", "overflow"), comment)
    none = np.zeros((0, 2, 3, 3))
    yield activation(suite, "empty", none, (2, 2), {}, ("window-mean", "zero-size"), "no images")


def activation(
    suite: str,
    slug: str,
    X: ArrayLike,
    kernel: tuple[int, ...],
    given: dict[str, object],
    flags: tuple[str, ...],
    comment: str,
) -> Case:
    """A case of XnorActivation."""
    request = ask("XnorActivation", 1, (floats(X),), {"kernel_shape": list(kernel), **given}, "qref")
    return judged(suite, slug, request, (SIGNS, WINDOWS), flags, comment)


def through_signs(suite: str) -> Iterator[Case]:
    """g where |r| ≤ 1."""
    draw = Draw("xnor-net gradient")
    up, down = float(np.nextafter(np.float32(1), np.float32(2))), float(np.nextafter(np.float32(1), np.float32(0)))
    for slug, X, g, flags, comment in (
        ("random", draw.signed_float32(-2, 1, (4, 5)), draw.signed_float32(-3, 3, (4, 5)), (), "some beyond ±1"),
        ("random", draw.signed_float32(-2, 1, (1, 2, 3, 3)), draw.signed_float32(-3, 3, (1, 2, 3, 3)), (), "an image"),
        (
            "ends",
            [1.0, -1.0, up, -up, down, -down],
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            (),
            "±1 lets through, a unit more does not",
        ),
        ("inside", [0.5, -0.5, 0.0, -0.0, 0.25], [8.0, 8.0, 8.0, 8.0, -8.0], ("sign-of-zero",), "g itself, not g·r"),
        ("zeros", [[0.0], [-0.0]], [[1.0], [-1.0]], ("sign-of-zero",), "zeros let gradients through"),
        ("one", 1.0, -3.0, ("one-element", "rank-0"), "a scalar"),
        ("empty", np.zeros((0, 2)), np.zeros((0, 2)), ("zero-size",), "no activations"),
    ):
        request = ask("XnorActivationBackward", 1, (floats(X), floats(g)), domain="qref")
        yield judged(suite, slug, request, (BACK,), ("straight-through", *flags), comment)


def layers(suite: str) -> Iterator[Case]:
    """Layers from float32 weights, and from codes with scales."""
    draw = Draw("xnor-net layers")
    for i, (x, w, given, flags, comment) in enumerate((*GEOMETRIES, *TAILS, *PADDED_TAILS)):
        X, W = draw.signed_float32(-4, 1, x), draw.signed_float32(-6, -1, w)
        all_flags = ("signs", "window-mean", "scale-a-channel", *flags)
        request = ask("XnorConv", 1, (floats(X), floats(W)), given, "qref")
        yield judged(suite, "weights", request, (SIGNS, SCALES, WINDOWS, LAYER), all_flags, comment)
        if i % 3 == 0:
            codes, scale = tensor(2 * draw.integers(0, 1, w) - 1, "int8"), floats(draw.float32(-6, -1, (w[0],)))
            request = ask("XnorConv", 1, (floats(X), codes, scale), given, "qref")
            yield judged(suite, "codes", request, (SIGNS, WINDOWS, LAYER), all_flags, f"{comment}, codes and scales")


def by_hand(suite: str) -> Iterator[Case]:
    """Numbers that are easy to check."""

    def case(slug: str, X: ArrayLike, W: ArrayLike, flags: tuple[str, ...], comment: str, **given: object) -> Case:
        request = ask("XnorConv", 1, (floats(X), floats(W)), given, "qref")
        return judged(suite, slug, request, (SIGNS, SCALES, WINDOWS, LAYER), ("signs", "window-mean", *flags), comment)

    ones = np.ones((1, 1, 3, 3))
    padded = {"pads": [1, 1, 1, 1]}
    yield case("padded", ones, np.ones((1, 1, 3, 3)), ("padding",), "at a corner 4 taps of 9: 4 · 4/9", **padded)
    yield case("padded", ones, -np.ones((1, 1, 3, 3)), ("padding",), "padding is neither sign", **padded)
    yield case("uneven", [[[[2.0]], [[-6.0]]]], [[[[1.0]], [[3.0]]]], ("scale-a-channel",), "signs cancel: 0")
    yield case("uneven", [[[[2.0]], [[6.0]]]], [[[[1.0]], [[3.0]]]], ("scale-a-channel",), "2 · 4 · 2 = 16")
    filters = [[[[1.0]], [[0.5]]], [[[-4.0]], [[2.0]]]]
    yield case(
        "filters", [[[[1.0]], [[1.0]]]], filters, ("scale-a-channel",), "a scale a filter, not a channel of input"
    )
    zeros = [[[[0.0]], [[-0.0]]]]
    yield case("zeros", zeros, [[[[1.0]], [[1.0]]]], ("sign-of-zero",), "an image of zeros: K = 0")
    half = [[[[0.0]], [[-2.0]], [[-0.0]]]]
    yield case("zeros", half, [[[[1.0]], [[1.0]], [[0.0]]]], ("sign-of-zero",), "zeros on both sides are +1: + − +")
    yield case("zeros", [[[[1.0]], [[2.0]]]], np.zeros((1, 2, 1, 1)), ("sign-of-zero",), "weights of zero: scale 0")
    yield case("empty", np.zeros((0, 1, 3, 3)), np.ones((1, 1, 2, 2)), ("zero-size",), "no images")
    sides = [[[[1.0, 1.0, 3.0, 3.0], [1.0, 1.0, 3.0, 3.0]]]]
    yield case("sides", sides, np.ones((1, 1, 2, 2)), (), "K rises from one side to the other: 4, 8, 12")
    yield from by_scale(suite)


def by_scale(suite: str) -> Iterator[Case]:
    """Scales from subnormal to large, of either sign."""
    X, codes = floats([[[[1.5, -0.75]], [[0.5, 2.25]], [[-3.0, 1.0]]]]), [[[[1]], [[-1]], [[1]]]]
    for alpha, flag, words in (
        (2.0**-149, "subnormal", "the smallest scale there is"),
        (3 * 2.0**-130, "subnormal", "a subnormal scale"),
        (1e37, "magnitudes", "a large scale"),
        (0.0, "sign-of-zero", "a scale of zero"),
        (-0.5, "scale-a-channel", "a negative scale, as training may leave one"),
        (-3.0, "scale-a-channel", "a negative scale, larger"),
    ):
        request = ask("XnorConv", 1, (X, tensor(codes, "int8"), floats([alpha])), domain="qref")
        yield judged(suite, "scale", request, (WINDOWS, LAYER), ("signs", flag), words)
    small, weights = floats(np.full((1, 2, 1, 1), 2.0**-140)), floats(np.full((1, 2, 1, 1), 2.0**-10))
    request = ask("XnorConv", 1, (small, weights), domain="qref")
    yield judged(suite, "small", request, (WINDOWS, SCALES, LAYER), ("signs", "subnormal"), "a result below 2⁻¹⁴⁹ is 0")


def what_is_refused(suite: str) -> Iterator[Case]:
    """Requests that the spec rules out."""
    X, W = floats(np.ones((1, 2, 2, 2))), floats(np.ones((1, 2, 1, 1)))
    codes, scale = tensor(np.ones((1, 2, 1, 1), np.int8), "int8"), floats([1.0])
    nan = floats(np.full((1, 2, 2, 2), np.nan))
    for slug, inputs, comment in (
        ("nan", (nan, W), "NaN in the image"),
        ("zero", (X, tensor(np.zeros((1, 2, 1, 1), np.int8), "int8"), scale), "a code of 0"),
        ("scale", (X, codes), "codes without scales"),
        ("scales", (X, codes, floats([1.0, 2.0])), "two scales for one filter"),
        ("both", (X, W, scale), "weights and scales"),
        ("channels", (X, floats(np.ones((1, 3, 1, 1)))), "other channels than the image has"),
    ):
        yield refused(
            suite, slug, ask("XnorConv", 1, inputs, domain="qref"), (LAYER, "QREF-QZ-001"), ("error",), comment
        )
    request = ask("XnorActivation", 1, (X,), domain="qref")
    yield refused(suite, "kernel", request, (WINDOWS,), ("error",), "no lengths of a window")
