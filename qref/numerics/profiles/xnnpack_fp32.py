"""`xnnpack-fp32`: one float32 scale, one float32 product, half to even; XNNPACK's qs8 and qc8, ONNX Runtime, fbgemm.

XNNPACK, the fp32 requantization of its qs8 microkernels (magic bias or lrint, both half to even after the clamp). Its
operators reject input, kernel and output scales that are not normal, and a combined scale of 256 and above; its
requantization asserts that the scale is 2⁻³² at least.
"""

import numpy as np

from qref.errors import OutsideDomain
from qref.numerics.formats import integer
from qref.numerics.profiles.profile import Derived, Profile, int32, positive
from qref.numerics.saturation import saturate


def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
    """scale = float32(float32(x_scale · w_scale) / y_scale)."""
    positive(x_scale, w_scale, y_scale)
    if min(x_scale, w_scale, y_scale) < np.finfo(np.float32).tiny:
        raise OutsideDomain(f"scales {x_scale}, {w_scale} and {y_scale}: give normal float32 numbers")
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        scale = np.float32(x_scale) * np.float32(w_scale) / np.float32(y_scale)
    if not 2.0**-32 <= scale < 256:
        raise OutsideDomain(f"scale {scale!s} is outside [2^-32, 256)")
    return {"scale": float(scale)}


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """rint(float32(acc) · scale) held between lowest − zero_point and highest − zero_point, plus zero_point."""
    format = integer(dtype)
    if format.bits != 8:
        raise OutsideDomain(f"output {dtype}: the rule is for 8 bits")
    product = np.float32(int32(accumulator, "the accumulator")) * np.float32(derived["scale"])
    rounded = int(np.rint(product))
    return saturate(rounded, format.lowest - zero_point, format.highest - zero_point) + zero_point


XNNPACK_FP32 = Profile("xnnpack-fp32", "XNNPACK qs8-requantization fp32", derive, apply)
