"""Integers of few bits: the plain sum of products, after a look at what n bits can hold."""

from typing import Any

from independent.conv import geometry
from independent.refusal import refuse_unless
from independent.schemes.shift_conv import DEFAULTS
from independent.tensors import Tensor, offset, positions, wrapped


def held(bits: int, dtype: str, code: str) -> list[int]:
    """Every integer that n bits stand for, by counting through their patterns."""
    refuse_unless(1 <= bits <= 8, f"{bits} bits")
    patterns = range(2**bits)
    if code == "bipolar":
        refuse_unless(dtype == "int8", "bipolar integers are int8")
        return [sum((1 if p >> i & 1 else -1) << i for i in range(bits)) for p in patterns]
    if dtype == "int8":
        return [p - 2**bits if 2 * p >= 2**bits else p for p in patterns]
    return list(patterns)


def bit_serial_conv(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    x, w = inputs
    assert x is not None and w is not None
    code = attributes.get("w_code", "integer")
    refuse_unless(x.dtype in ("int8", "uint8") and w.dtype in ("int8", "uint8"), "types")
    refuse_unless(code in ("integer", "bipolar"), "no such code")
    of_x = held(attributes.get("x_bits", 8), x.dtype, "integer")
    of_w = held(attributes.get("w_bits", 8), w.dtype, code)
    refuse_unless(set(x.integers) <= set(of_x) and set(w.integers) <= set(of_w), "beyond the bits")
    g = geometry(x, w, DEFAULTS | attributes)
    taps = len(w.integers) // w.shape[0] if w.shape[0] else 0
    refuse_unless(max(map(abs, of_x)) * max(map(abs, of_w)) * taps < 2**31, "a sum could leave int32")
    sums = [
        sum(x.integers[offset(i, x.shape)] * w.integers[offset(k, w.shape)] for i, k in g.meetings(at))
        for at in positions(g.shape)
    ]
    return [wrapped("int32", g.shape, sums)]
