"""What mistakes in requantization share: a request's numbers, and answers by a wrong rule or from wrong numbers."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.numerics.formats import Integer, integer
from qref.numerics.profiles import ONNX, Derived, Profile
from qref.numerics.tensor import Tensor
from qref.ops import requantization, rule
from qref.ops.requantization import Requantization
from qref.ops.request import Request

OPERATORS = ("QLinearConv", "QLinearMatMul", "Requantize")


def numbers(request: Request) -> Requantization:
    """The accumulator and scales of a request. Raises Unsupported where its operator does not requantize."""
    found = requantization(request)
    if found is None:
        raise Unsupported(f"{request.op} does not requantize")
    return found


def by_rule(request: Request, wrong: Profile) -> list[Tensor]:
    """The answer by a wrong rule on the right numbers."""
    return [numbers(request).apply(wrong)]


def from_numbers(request: Request, **wrong: Any) -> list[Tensor]:
    """The answer by the rule that judges, with some of the numbers wrong (`accumulator`, `x_scale`, …)."""
    return [replace(numbers(request), **wrong).apply(rule(request))]


def with_scale(request: Request, wrong: Callable[[float], float]) -> list[Tensor]:
    """The answer by the rule that judges, from `wrong` of the combined scale x_scale · w_scale / y_scale.

    `wrong` takes and gives a float64; the combined scale is rounded to one, as engines that derive a multiplier do.
    """
    found = numbers(request)
    combined = found.x_scale * found.w_scale / found.y_scale
    return from_numbers(request, x_scale=np.ones(()), w_scale=each(combined, wrong), y_scale=1.0)


def each(scales: NDArray[np.float64], function: Callable[[float], float]) -> NDArray[np.float64]:
    """`function` of each scale."""
    values = [function(float(scale)) for scale in np.asarray(scales).flat]
    return np.array(values, np.float64).reshape(np.shape(scales))


def on_exact(name: str, store: Callable[[Fraction, int, Integer], int]) -> Profile:
    """A rule that has the exact acc · x_scale · w_scale / y_scale, and errs in how `store` turns it into the output.

    `store` takes the exact value, the zero point and the output's format.
    """

    def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
        return store(accumulator * Fraction(derived["scale"]), zero_point, integer(dtype))

    return Profile(name, "a mistake", ONNX.derive, apply)


def in_float32(name: str, store: Callable[[Any, Any, int, Integer], int]) -> Profile:
    """A rule that has float32(acc) and the float32 scale (x_scale · w_scale) / y_scale, and errs in `store`.

    `store` takes both as numpy.float32, the zero point and the output's format.
    """

    def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
        with np.errstate(all="ignore"):
            return {"scale": float(np.float32(x_scale) * np.float32(w_scale) / np.float32(y_scale))}

    def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
        with np.errstate(all="ignore"):
            return store(np.float32(accumulator), np.float32(derived["scale"]), zero_point, integer(dtype))

    return Profile(name, "a mistake", derive, apply)


def whole(value: Any) -> int:
    """A float that holds an integer, as that integer; what lies beyond ±2³³ saturates every output and is held there.

    Raises Unsupported for NaN, which only scales at the ends of float32 give.
    """
    if np.isnan(value):
        raise Unsupported("the float32 scale is no finite number")
    return int(np.clip(value, -(2.0**33), 2.0**33))


def hold(value: int, format: Integer) -> int:
    """`value` saturated to the output's range."""
    return min(max(value, format.lowest), format.highest)
