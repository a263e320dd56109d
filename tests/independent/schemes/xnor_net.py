"""XNOR-Net: section 3.1's gradients, section 3.2 and equation 11, pixel by pixel on rationals."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.binary_connect import FEW
from independent.schemes.scheme import float32, integers, numbers, places, whole
from independent.tensors import Tensor


def sign(x: Fraction) -> int:
    return -1 if x < 0 else 1


class Windows:
    """Where the windows of a convolution lie, from ONNX's attributes."""

    def __init__(self, attributes: dict[str, Any], image: tuple[int, ...], kernel: tuple[int, ...]) -> None:
        n = len(image)
        given = attributes.get("kernel_shape")
        refuse_unless(given is None or tuple(given) == kernel, "kernel_shape")
        self.image, self.kernel = image, kernel
        self.strides = attributes.get("strides", [1] * n)
        self.dilations = attributes.get("dilations", [1] * n)
        extent = [(k - 1) * d + 1 for k, d in zip(kernel, self.dilations)]
        auto = attributes.get("auto_pad", "NOTSET")
        if auto in ("NOTSET", "VALID"):
            pads = attributes.get("pads", [0] * (2 * n))
            self.begin = pads[:n]
            self.output = [(D + pads[i] + pads[n + i] - extent[i]) // self.strides[i] + 1 for i, D in enumerate(image)]
        else:
            self.output = [-(-D // s) for D, s in zip(image, self.strides)]
            total = [max((o - 1) * s + e - D, 0) for o, s, e, D in zip(self.output, self.strides, extent, image)]
            self.begin = [t // 2 if auto == "SAME_UPPER" else t - t // 2 for t in total]
        refuse_unless(all(o >= 1 for o in self.output), "no window fits")

    def taps(self, position: tuple[int, ...]) -> Iterator[tuple[int, int]]:
        """Tap and pixel, flattened, for the taps on the image."""
        for tap in product(*map(range, self.kernel)):
            pixel = [
                p * s + t * d - b for p, s, t, d, b in zip(position, self.strides, tap, self.dilations, self.begin)
            ]
            if all(0 <= x < D for x, D in zip(pixel, self.image)):
                yield flat(tap, self.kernel), flat(pixel, self.image)

    def positions(self) -> Iterator[tuple[int, ...]]:
        yield from product(*map(range, self.output))


def flat(place: Any, shape: Any) -> int:
    """A place as a number in C order."""
    number = 0
    for p, length in zip(place, shape):
        number = number * length + p
    return number


def scaling(I: list[Fraction], shape: tuple[int, ...], windows: Windows, group: int) -> dict[tuple[int, ...], Fraction]:
    """K by image, group and position: A first, the mean over channels, then the mean over a window."""
    N, C, *space = shape
    pixels, c = prod(space), C // group
    K = {}
    for n, g in product(range(N), range(group)):
        A = [
            sum((abs(I[((n * C) + g * c + i) * pixels + x]) for i in range(c)), Fraction(0)) / max(c, 1)
            for x in range(pixels)
        ]
        for position in windows.positions():
            total = sum((A[pixel] for _, pixel in windows.taps(position)), Fraction(0))
            K[(n, g, *position)] = total / prod(windows.kernel)
    return K


def xnor_activation(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    I = numbers(inputs[0])
    assert inputs[0] is not None
    shape, group = inputs[0].shape, attributes.get("group", 1)
    refuse_unless("kernel_shape" in attributes, "no lengths of a window")
    windows = Windows(attributes, shape[2:], tuple(attributes["kernel_shape"]))
    K = scaling(I, shape, windows, group)
    return [
        integers("int8", shape, [sign(x) for x in I]),
        float32((shape[0], group, *windows.output), list(K.values())),
    ]


def xnor_activation_backward(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    r, g = numbers(inputs[0]), numbers(inputs[1])
    assert inputs[0] is not None
    return [float32(inputs[0].shape, [d if -1 <= x <= 1 else Fraction(0) for x, d in zip(r, g)])]


def filters(inputs: list[Tensor | None]) -> tuple[list[int], list[Fraction]]:
    """Signs and scales, from weights or as they are given."""
    W = inputs[1]
    assert W is not None
    M, each = W.shape[0], prod(W.shape[1:])
    if W.dtype == "float32":
        refuse_unless(len(inputs) == 2, "weights need no scales")
        values = numbers(W)
        alpha = [sum(map(abs, values[m * each : (m + 1) * each]), Fraction(0)) / max(each, 1) for m in range(M)]
        return [sign(w) for w in values], alpha
    codes = whole(W, "int8")
    refuse_unless(all(abs(code) == 1 for code in codes) and len(inputs) == 3, "signs with scales are wanted")
    alpha = numbers(inputs[2])
    refuse_unless(len(alpha) == M, "a scale a filter")
    return codes, alpha


def xnor_conv(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    I, (B, alpha) = numbers(inputs[0]), filters(inputs)
    assert inputs[0] is not None and inputs[1] is not None
    shape, (M, c, *kernel), group = inputs[0].shape, inputs[1].shape, attributes.get("group", 1)
    N, C, *space = shape
    refuse_unless(c * group == C, "other channels")
    windows = Windows(attributes, tuple(space), tuple(kernel))
    K, pixels, taps = scaling(I, shape, windows, group), prod(space), prod(kernel)
    y = []
    for n, m in product(range(N), range(M)):
        g = m // (M // group)
        for position in windows.positions():
            equal = different = 0
            for tap, pixel in windows.taps(position):
                for i in range(c):
                    same = sign(I[(n * C + g * c + i) * pixels + pixel]) == B[(m * c + i) * taps + tap]
                    equal, different = equal + same, different + (not same)
            y.append((equal - different) * K[(n, g, *position)] * alpha[m])
    return [float32((N, M, *windows.output), y)]


def binary_weight_step(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """Section 3.1: the gradient, and a step along it."""
    W, g = numbers(inputs[0]), numbers(inputs[1])
    assert inputs[0] is not None and inputs[1] is not None
    refuse_unless(inputs[0].shape == inputs[1].shape, "one gradient a weight")
    gradient = [Fraction(0)] * len(W)
    for part in places(inputs[0].shape, attributes):
        n = len(part)
        alpha = sum((abs(W[i]) for i in part), Fraction(0)) / max(n, 1)
        for i in part:
            gradient[i] = g[i] * (Fraction(1, n) + (alpha if abs(W[i]) <= 1 else 0))
    eta = Fraction(attributes.get("learning_rate", FEW))
    shape = inputs[0].shape
    return [float32(shape, gradient), float32(shape, [w - eta * d for w, d in zip(W, gradient)])]
