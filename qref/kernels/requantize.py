"""The five requantization rules over rows of one pair of scales, and qref:Requantize on them.

The numbers that a rule stores come from the reference's `derive`, once a pair of scales; the loops only apply them. A
loop stops at the first row with an element outside its rule's domain and returns it, so that the reference can say why.
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


WITH_SHIFTS = int64(int64[:, ::1], int64[::1], int64[::1], int64[::1], int64, int64, int64, int64[:, ::1])


@njit(WITH_SHIFTS, cache=True)
def tflite_double(
    acc: Any, pair: Any, multiplier: Any, shift: Any, zero_point: int, lowest: int, highest: int, y: Any
) -> int:
    for r in range(acc.shape[0]):
        m, e = multiplier[pair[r]], shift[pair[r]]
        left, right = max(e, 0), max(-e, 0)
        mask = (1 << right) - 1
        outside = 0
        for j in range(acc.shape[1]):
            # m < 2³¹: the one product that gemmlowp saturates does not occur
            high = ((acc[r, j] << left) * m + (1 << 30)) >> 31
            threshold = (mask >> 1) + (1 if high < 0 else 0)
            value = (high >> right) + (1 if (high & mask) > threshold else 0) + zero_point
            inside = is_int32(acc[r, j]) and is_int32(acc[r, j] << left) and is_int32(value)
            outside += 0 if inside else 1
            y[r, j] = min(max(value, lowest), highest)
        if outside:
            return r
    return INSIDE


@njit(WITH_SHIFTS, cache=True)
def tflite_single(
    acc: Any, pair: Any, multiplier: Any, shift: Any, zero_point: int, lowest: int, highest: int, y: Any
) -> int:
    for r in range(acc.shape[0]):
        m, total = multiplier[pair[r]], 31 - shift[pair[r]]
        outside = 0
        for j in range(acc.shape[1]):
            # at most 2⁶² + 2⁶¹
            value = (acc[r, j] * m + (1 << (total - 1))) >> total
            inside = is_int32(acc[r, j]) and is_int32(value) and is_int32(value + zero_point)
            outside += 0 if inside else 1
            y[r, j] = min(max(value + zero_point, lowest), highest)
        if outside:
            return r
    return INSIDE


@njit(int64(int64[:, ::1], int64[::1], float32[::1], int64, int64, int64, int64[:, ::1]), cache=True)
def xnnpack_fp32(acc: Any, pair: Any, scale: Any, zero_point: int, lowest: int, highest: int, y: Any) -> int:
    low, high = np.float64(lowest - zero_point), np.float64(highest - zero_point)
    for r in range(acc.shape[0]):
        s = scale[pair[r]]
        outside = 0
        for j in range(acc.shape[1]):
            product = np.float32(acc[r, j]) * s
            outside += 0 if is_int32(acc[r, j]) else 1
            y[r, j] = np.int64(np.rint(min(max(np.float64(product), low), high))) + zero_point
        if outside:
            return r
    return INSIDE


@njit(int64(int64[:, ::1], int64[::1], float32[::1], float32[::1], int64[:, ::1]), cache=True)
def ncnn(acc: Any, pair: Any, scale_in: Any, scale_out: Any, y: Any) -> int:
    for r in range(acc.shape[0]):
        s_in, s_out = scale_in[pair[r]], scale_out[pair[r]]
        outside = 0
        for j in range(acc.shape[1]):
            real = np.float64(np.float32(acc[r, j]) * s_in * s_out)
            outside += 0 if is_int32(acc[r, j]) and abs(real) < 2147483648.0 else 1
            magnitude = np.int64(min(math.floor(abs(real) + 0.5), 127.0))
            y[r, j] = -magnitude if real < 0 else magnitude
        if outside:
            return r
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
    acc, pair = rows(found)
    y = np.empty(acc.shape, np.int64)
    ends = (found.zero_point, format.lowest, format.highest)
    if profile.name == "onnx":
        _exactly(found, acc, pair, ends, y)
    elif profile.name in LOOPS:
        derived = found.derived(profile)
        if acc.size:
            # an output's type or zero point outside the domain is outside for every element
            profile.apply(0, derived[pair[0]], found.zero_point, found.dtype)
        row = LOOPS[profile.name](acc, pair, derived, ends, y)
        if row != INSIDE:
            for value in acc[row]:
                profile.apply(int(value), derived[pair[row]], found.zero_point, found.dtype)
            raise OutsideDomain(f"row {row} of the accumulator: outside the domain of {profile.name}")
    else:
        raise Unsupported(f"profile {profile.name}: no fast path")
    return Tensor(found.dtype, y.reshape(shape).astype(format.storage))


def rows(found: Requantization) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The accumulator as rows in which all elements have the same scales, and each row's pair of scales by number."""
    shape, pairs = found.accumulator.shape, np.broadcast(found.x_scale, found.w_scale).shape
    along = (1,) * (len(shape) - len(pairs)) + pairs
    first = max((axis + 1 for axis, length in enumerate(along) if length != 1), default=0)
    numbers = np.arange(math.prod(pairs), dtype=np.int64).reshape(along[:first])
    pair = np.array(np.broadcast_to(numbers, shape[:first]), order="C").reshape(-1)
    acc = np.array(found.accumulator, np.int64, order="C")
    return acc.reshape(len(pair), math.prod(shape[first:])), pair


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
