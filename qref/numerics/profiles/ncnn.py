"""`ncnn`: two float32 products, half away from zero, clamped to ±127, no zero point.

ncnn, layer Requantize and float2int8: round() and a clamp to [−127, 127] of (acc · scale_in) · scale_out. That
scale_in is float32(x_scale · w_scale) and scale_out float32(1 / y_scale) is qref's choice: ncnn's files hold
reciprocals of scales, and its convolution adds a float bias between the two products, where this rule has the bias in
the accumulator.
"""

import math

import numpy as np

from qref.errors import OutsideDomain
from qref.numerics.profiles.profile import Derived, Profile, int32, positive
from qref.numerics.saturation import saturate


def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
    """scale_in = float32(x_scale · w_scale), scale_out = float32(1 / y_scale)."""
    positive(x_scale, w_scale, y_scale)
    with np.errstate(over="ignore", under="ignore"):
        scale_in = np.float32(x_scale) * np.float32(w_scale)
        scale_out = np.float32(1) / np.float32(y_scale)
    tiny = np.finfo(np.float32).tiny
    if not (tiny <= scale_in < np.inf and tiny <= scale_out < np.inf):
        raise OutsideDomain(f"scales {scale_in!s} and {scale_out!s} are no normal float32 numbers")
    return {"scale_in": float(scale_in), "scale_out": float(scale_out)}


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """round_half_away((float32(acc) · scale_in) · scale_out), clamped to ±127."""
    if dtype != "int8":
        raise OutsideDomain(f"output {dtype}: the rule is for int8")
    if zero_point != 0:
        raise OutsideDomain(f"zero point {zero_point}: the rule has none")
    with np.errstate(over="ignore", under="ignore"):
        real = np.float32(int32(accumulator, "the accumulator")) * np.float32(derived["scale_in"])
        real = real * np.float32(derived["scale_out"])
    if not abs(real) < 2.0**31:
        raise OutsideDomain(f"the scaled value is {real!s}, beyond the int that round() is cast to")
    rounded = math.floor(abs(float(real)) + 0.5)
    return saturate(rounded if real >= 0 else -rounded, -127, 127)


NCNN = Profile("ncnn", "ncnn float2int8", derive, apply)
