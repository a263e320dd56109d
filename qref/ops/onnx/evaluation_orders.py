"""The evaluation orders that ONNX's text leaves open for a requantized result: a closed, named list.

The exact real acc · sx · sw / sy is the valid answer. An engine evaluates it in floats, in float32 or in float64,
in one of four orders; each rounds half to even before the zero point. What one of these eight gives is acceptable
(spec: requantization).
"""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from qref.errors import OutsideDomain
from qref.numerics.fixed_point import INT32_MAX, INT32_MIN
from qref.numerics.formats import integer
from qref.numerics.profiles import ONNX
from qref.numerics.profiles.profile import Derived, Profile
from qref.numerics.saturation import saturate, wrap
from qref.numerics.tensor import Tensor
from qref.ops.requantization import Requantization

# every argument and every step is of one NumPy float type
ORDERS: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "acc·((sx·sw)/sy)": lambda acc, sx, sw, sy: acc * ((sx * sw) / sy),
    "(acc·(sx·sw))/sy": lambda acc, sx, sw, sy: (acc * (sx * sw)) / sy,
    "acc·((sx·sw)·(1/sy))": lambda acc, sx, sw, sy: acc * ((sx * sw) * (type(sy)(1) / sy)),
    "((acc·sx)·sw)·(1/sy)": lambda acc, sx, sw, sy: ((acc * sx) * sw) * (type(sy)(1) / sy),
}


def _order(name: str, formula: Callable[[Any, Any, Any, Any], Any], float_type: Any) -> Profile:
    def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
        return {"x_scale": x_scale, "w_scale": w_scale, "y_scale": y_scale}

    def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
        sx, sw, sy = (float_type(derived[key]) for key in ("x_scale", "w_scale", "y_scale"))
        with np.errstate(all="ignore"):
            real = formula(float_type(accumulator), sx, sw, sy)
        if np.isnan(real):
            raise OutsideDomain(f"{name} gives NaN")
        format = integer(dtype)
        # beyond ±2³³ every format is saturated, and infinity has no integer
        rounded = int(np.rint(np.clip(real, -(2.0**33), 2.0**33)))
        return saturate(rounded + zero_point, format.lowest, format.highest)

    return Profile(name, "spec: evaluation orders", derive, apply)


EVALUATION_ORDERS: tuple[Profile, ...] = tuple(
    _order(f"{formula} in {float_type.__name__}", ORDERS[formula], float_type)
    for float_type in (np.float32, np.float64)
    for formula in ORDERS
)


def open_answers(found: Requantization) -> list[tuple[str, Tensor]]:
    """What the text leaves open beside the exact answer: a reason and the output, duplicates included.

    Every evaluation order; and where the exact accumulator leaves int32, the wrapped and the saturated accumulator,
    requantized exactly and by every order. An order that gives no number for one of the elements is left out.
    """
    exact = found.accumulator
    accumulators = {
        "": exact,
        "the accumulator wrapped to int32": wrap(exact, 32),
        "the accumulator saturated to int32": saturate(exact, INT32_MIN, INT32_MAX),
    }
    answers: list[tuple[str, Tensor]] = []
    for held, accumulator in accumulators.items():
        if held and np.array_equal(accumulator, exact):
            continue
        for rule in (ONNX, *EVALUATION_ORDERS):
            reason = ", ".join(part for part in (held, rule.name if rule is not ONNX else "") if part)
            with contextlib.suppress(OutsideDomain):
                answers.append((reason, replace(found, accumulator=accumulator).apply(rule)))
    return answers
