"""The five requantization rules over flat arrays, and qref:Requantize on them.

The numbers that a rule stores come from the reference's `derive`, once a pair of scales; the loops only apply them. A
loop stops at the first element outside its rule's domain and returns its place, so that the reference can say why.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import float32, int64, njit
from numpy.typing import NDArray

from qref.errors import OutsideDomain, Unsupported
from qref.kernels import exact_scaling
from qref.numerics.formats import integer
from qref.numerics.profiles import Derived, Profile
from qref.numerics.profiles.profile import positive
from qref.numerics.tensor import Tensor
from qref.ops import keywords, rule
from qref.ops.operator import Operator
from qref.ops.qref.requantize import requantization
from qref.ops.requantization import Requantization
from qref.ops.request import Request

INSIDE = -1


@njit(cache=True)
def is_int32(value: int) -> bool:
    return -2147483648 <= value <= 2147483647


@njit(int64(int64[::1], int64[::1], int64[::1], int64[::1], int64, int64, int64, int64[::1]), cache=True)
def tflite_double(
    acc: Any, pair: Any, multiplier: Any, shift: Any, zero_point: int, lowest: int, highest: int, y: Any
) -> int:
    for i in range(acc.size):
        m, e = multiplier[pair[i]], shift[pair[i]]
        left, right = max(e, 0), max(-e, 0)
        if not is_int32(acc[i]) or not is_int32(acc[i] << left):
            return i
        # m < 2³¹: the one product that gemmlowp saturates does not occur
        high = ((acc[i] << left) * m + (1 << 30)) >> 31
        mask = (1 << right) - 1
        threshold = (mask >> 1) + (1 if high < 0 else 0)
        value = (high >> right) + (1 if (high & mask) > threshold else 0) + zero_point
        if not is_int32(value):
            return i
        y[i] = min(max(value, lowest), highest)
    return INSIDE


@njit(int64(int64[::1], int64[::1], int64[::1], int64[::1], int64, int64, int64, int64[::1]), cache=True)
def tflite_single(
    acc: Any, pair: Any, multiplier: Any, shift: Any, zero_point: int, lowest: int, highest: int, y: Any
) -> int:
    for i in range(acc.size):
        total = 31 - shift[pair[i]]
        if not is_int32(acc[i]):
            return i
        # at most 2⁶² + 2⁶¹
        value = (acc[i] * multiplier[pair[i]] + (1 << (total - 1))) >> total
        if not is_int32(value) or not is_int32(value + zero_point):
            return i
        y[i] = min(max(value + zero_point, lowest), highest)
    return INSIDE


@njit(int64(int64[::1], int64[::1], float32[::1], int64, int64, int64, int64[::1]), cache=True)
def xnnpack_fp32(acc: Any, pair: Any, scale: Any, zero_point: int, lowest: int, highest: int, y: Any) -> int:
    for i in range(acc.size):
        if not is_int32(acc[i]):
            return i
        product = np.float32(acc[i]) * scale[pair[i]]
        held = min(max(np.float64(product), np.float64(lowest - zero_point)), np.float64(highest - zero_point))
        y[i] = np.int64(np.rint(held)) + zero_point
    return INSIDE


@njit(int64(int64[::1], int64[::1], float32[::1], float32[::1], int64[::1]), cache=True)
def ncnn(acc: Any, pair: Any, scale_in: Any, scale_out: Any, y: Any) -> int:
    for i in range(acc.size):
        if not is_int32(acc[i]):
            return i
        real = np.float64(np.float32(acc[i]) * scale_in[pair[i]] * scale_out[pair[i]])
        if not abs(real) < 2147483648.0:
            return i
        magnitude = min(math.floor(abs(real) + 0.5), 127)
        y[i] = -magnitude if real < 0 else magnitude
    return INSIDE


def apply(found: Requantization, profile: Profile) -> Tensor:
    """What `Requantization.apply` gives, by the loops above.

    Raises:
        OutsideDomain: as the reference does, in its words.
        Unsupported: a profile without a loop, or an output of more than 16 bits.
    """
    format = integer(found.dtype)
    if format.bits > 16:
        raise Unsupported(f"output {found.dtype}: the fast path is for up to 16 bits")
    shape = found.accumulator.shape
    acc = np.array(found.accumulator, np.int64, order="C").reshape(-1)
    pairs = np.broadcast(found.x_scale, found.w_scale).shape
    numbers = np.arange(math.prod(pairs), dtype=np.int64).reshape(pairs)
    pair = np.array(np.broadcast_to(numbers, shape), order="C").reshape(-1)
    y = np.empty(acc.size, np.int64)
    ends = (found.zero_point, format.lowest, format.highest)
    if profile.name == "onnx":
        _exactly(found, acc, pair, ends, y)
    elif profile.name in LOOPS:
        derived = found.derived(profile)
        if acc.size:
            # an output's type or zero point outside the domain is outside for every element
            profile.apply(0, derived[pair[0]], found.zero_point, found.dtype)
        i = LOOPS[profile.name](acc, pair, derived, ends, y)
        if i != INSIDE:
            profile.apply(int(acc[i]), derived[pair[i]], found.zero_point, found.dtype)
            raise OutsideDomain(f"element {i} of the accumulator: outside the domain of {profile.name}")
    else:
        raise Unsupported(f"profile {profile.name}: no fast path")
    return Tensor(found.dtype, y.reshape(shape).astype(format.storage))


def _exactly(
    found: Requantization, acc: NDArray[np.int64], pair: NDArray[np.int64], ends: tuple[int, int, int], y: Any
) -> None:
    positive(*found.x_scale.flat, *found.w_scale.flat, found.y_scale)
    (m_x, e_x), (m_w, e_w) = (exact_scaling.significand(scale) for scale in (found.x_scale, found.w_scale))
    m_y, e_y = (int(part) for part in exact_scaling.significand(np.array(found.y_scale)))
    m = np.ascontiguousarray(m_x * m_w).ravel()
    # three factors 2^(e − 24), of which one divides
    e = np.ascontiguousarray(e_x + e_w - e_y - exact_scaling.BITS).ravel()
    exact_scaling.onnx(acc, pair, m, e, m_y, *ends, y)


def _numbers(derived: list[Derived], name: str, dtype: Any) -> NDArray[Any]:
    return np.array([one[name] for one in derived], dtype)


Loop = Callable[[Any, Any, list[Derived], tuple[int, int, int], Any], int]
LOOPS: dict[str, Loop] = {
    "tflite-double": lambda acc, pair, derived, ends, y: tflite_double(
        acc, pair, _numbers(derived, "multiplier", np.int64), _numbers(derived, "shift", np.int64), *ends, y
    ),
    "tflite-single": lambda acc, pair, derived, ends, y: tflite_single(
        acc, pair, _numbers(derived, "multiplier", np.int64), _numbers(derived, "shift", np.int64), *ends, y
    ),
    "xnnpack-fp32": lambda acc, pair, derived, ends, y: xnnpack_fp32(
        acc, pair, _numbers(derived, "scale", np.float32), *ends, y
    ),
    "ncnn": lambda acc, pair, derived, ends, y: ncnn(
        acc, pair, _numbers(derived, "scale_in", np.float32), _numbers(derived, "scale_out", np.float32), y
    ),
}


def requantize(request: Request, operator: Operator) -> Tensor:
    """qref:Requantize."""
    found = requantization(*request.inputs, **keywords(request, operator))  # type: ignore[arg-type]
    return apply(found, rule(request))
