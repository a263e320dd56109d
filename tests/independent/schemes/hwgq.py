"""Half-wave Gaussian quantization: Cai 2017, section 4."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.scheme import float32, integers, numbers
from independent.tensors import Tensor


def levels_of(x: Tensor | None) -> list[Fraction]:
    q = numbers(x)
    assert x is not None
    refuse_unless(len(x.shape) == 1 and 0 < len(q) < 256, "levels: 1 to 255 in one dimension")
    refuse_unless(q[0] > 0 and all(a < b for a, b in pairwise(q)), "levels: positive and ascending")
    return q


def half_wave_quantize(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """Each positive x to the level at the least distance, of two the lower."""
    x, q = numbers(inputs[0]), levels_of(inputs[1])
    assert inputs[0] is not None
    codes = [0 if v <= 0 else 1 + min(range(len(q)), key=lambda i: (abs(v - q[i]), i)) for v in x]
    return [
        integers("uint8", inputs[0].shape, codes),
        float32(inputs[0].shape, [q[c - 1] if c else Fraction(0) for c in codes]),
    ]


def half_wave_backward(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """ReLU, clipped ReLU or log-tailed ReLU, derived piece by piece."""
    x, g, q = numbers(inputs[0]), numbers(inputs[1]), levels_of(inputs[2])[-1]
    assert inputs[0] is not None and inputs[1] is not None
    refuse_unless(inputs[0].shape == inputs[1].shape, "one gradient an activation")
    how = attributes.get("approximation", "clipped-relu")
    tails = {
        "relu": lambda v: Fraction(1),
        "clipped-relu": lambda v: Fraction(0),
        "log-tailed-relu": lambda v: 1 / (v - q + 1),
    }
    refuse_unless(how in tails, "one of three approximations")
    slopes = [Fraction(0) if v <= 0 else Fraction(1) if v <= q else tails[how](v) for v in x]
    return [float32(inputs[0].shape, [d * s for d, s in zip(g, slopes)])]
