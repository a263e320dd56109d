"""BinaryConnect: equations 1 to 3 and algorithm 1, and the layer of stochastic quantization, on rationals."""

from fractions import Fraction
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.philox import words
from independent.schemes.scheme import float32, integers, numbers
from independent.tensors import Tensor


def signs(attributes: dict[str, Any], W: list[Fraction]) -> list[int]:
    """Deterministic by default; otherwise u < (w + 1) / 2 inside [−1, 1], certain beyond."""
    mode = attributes.get("mode", "deterministic")
    refuse_unless(mode in ("deterministic", "stochastic"), f"no mode {mode}")
    if mode == "deterministic":
        return [-1 if w < 0 else 1 for w in W]
    u = [Fraction(number, 2**32) for number in words(attributes.get("seed", 0), attributes.get("tensor", 0), len(W))]
    return [1 if w >= 1 or (w > -1 and r < (w + 1) / 2) else -1 for w, r in zip(W, u)]


def binary_connect(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    W = numbers(inputs[0])
    assert inputs[0] is not None
    return [integers("int8", inputs[0].shape, signs(attributes, W))]


def matrices(inputs: list[Tensor | None]) -> tuple[list[list[Fraction]], ...]:
    """a [N, K], W [M, K] and g [N, M] as rows."""
    found = []
    for x in inputs:
        values = numbers(x)
        assert x is not None
        refuse_unless(len(x.shape) == 2, "matrices are wanted")
        R, C = x.shape
        found.append([values[r * C : (r + 1) * C] for r in range(R)])
    shapes = [x.shape for x in inputs if x is not None]
    refuse_unless(shapes[0][1] == shapes[1][1] and shapes[2] == (shapes[0][0], shapes[1][0]), "shapes that do not fit")
    return tuple(found)


def products(
    a: list[list[Fraction]], W_b: list[list[Fraction]], g: list[list[Fraction]], K: int
) -> tuple[list[Fraction], list[Fraction]]:
    """∂C/∂a and ∂C/∂w_b, element by element."""
    M = len(W_b)
    of_a = [sum((row[m] * W_b[m][k] for m in range(M)), Fraction(0)) for row in g for k in range(K)]
    of_w = [sum((g[n][m] * a[n][k] for n in range(len(a))), Fraction(0)) for m in range(M) for k in range(K)]
    return of_a, of_w


def binary_connect_backward(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    a, W, g = matrices(inputs)
    assert inputs[0] is not None and inputs[1] is not None
    K = inputs[1].shape[1]
    flat = signs(attributes, [w for row in W for w in row])
    W_b = [[Fraction(flat[m * K + k]) for k in range(K)] for m in range(len(W))]
    of_a, of_w = products(a, W_b, g, K)
    return [float32(inputs[0].shape, of_a), float32(inputs[1].shape, of_w)]


def binary_connect_step(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """Clipping before or after the one rounding gives the same: ±1 are float32 numbers."""
    W, g = numbers(inputs[0]), numbers(inputs[1])
    assert inputs[0] is not None and inputs[1] is not None
    refuse_unless(inputs[0].shape == inputs[1].shape, "one gradient a weight")
    eta = Fraction(attributes.get("learning_rate", FEW))
    return [float32(inputs[0].shape, [max(Fraction(-1), min(Fraction(1), w - eta * d)) for w, d in zip(W, g)])]


FEW = 10737418 * 2.0**-30  # float32's number nearest to 0.01
