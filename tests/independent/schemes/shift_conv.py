"""Weights s 2^e (Miyashita 2016, Zhou 2017): the sum of s 2^e x as a rational, in units of 2^lowest."""

from fractions import Fraction
from typing import Any

from independent.conv import geometry
from independent.refusal import refuse_unless
from independent.schemes.scheme import whole
from independent.tensors import Tensor, offset, positions, wrapped

DEFAULTS: dict[str, Any] = {
    "auto_pad": "NOTSET",
    "dilations": None,
    "group": 1,
    "kernel_shape": None,
    "pads": None,
    "strides": None,
}
MAGNITUDES = {"int8": 128, "uint8": 255, "int16": 32768}


def shift_conv(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    x, s, e = inputs
    assert x is not None and s is not None and e is not None
    lowest, accumulator = attributes.get("lowest", 0), attributes.get("accumulator", "int32")
    refuse_unless(x.dtype in MAGNITUDES and s.shape == e.shape, "types and shapes")
    refuse_unless(accumulator in ("int32", "int64") and -128 <= lowest <= 127, "attributes")
    signs, exponents = whole(s, "int8"), whole(e, "int8")
    g = geometry(x, s, DEFAULTS | attributes)
    refuse_unless(all(-1 <= sign <= 1 for sign in signs), "a sign is -1, 0 or +1")
    weights = [sign * Fraction(2) ** exponent for sign, exponent in zip(signs, exponents)]
    units = [w / Fraction(2) ** lowest for w in weights]
    refuse_unless(all(unit.denominator == 1 for unit in units), "a weight below the lowest")
    taps = len(units) // s.shape[0] if s.shape[0] else 0
    for m in range(s.shape[0]):
        reach = MAGNITUDES[x.dtype] * sum(abs(unit) for unit in units[m * taps : (m + 1) * taps])
        refuse_unless(reach < 2 ** (31 if accumulator == "int32" else 63), "a sum could leave its type")
    sums = []
    for at in positions(g.shape):
        pairs = g.meetings(at)
        total = sum(weights[offset(k, s.shape)] * x.integers[offset(i, x.shape)] for i, k in pairs)
        sums.append(int(total / Fraction(2) ** lowest))
    return [wrapped(accumulator, g.shape, sums)]
