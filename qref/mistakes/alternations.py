"""Alternation of scale and codes in float64, with the places where an engine goes wrong open to change."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request

OPERATORS = ("OptimalScale",)
STEPS = 200

Floats = NDArray[np.float64]


def half_up(x: Floats) -> Floats:
    return np.floor(x + 0.5)


def projection(w: Floats, b: Floats) -> float:
    """α = Σwb / Σb²."""
    return float(w @ b / (b @ b)) if (b @ b) else 0.0


def answer(
    request: Request,
    *,
    rounding: Callable[[Floats], Floats] = half_up,
    scale: Callable[[Floats, Floats], float] = projection,
    most: Callable[[int], int] = lambda K: K,
    steps: int = STEPS,
) -> list[Tensor]:
    """Codes and scales; steps: after so many no more; most: the largest code from K."""
    check(request, OPERATORS)
    given: dict[str, Any] = dict(request.attributes)
    granularity = grain.of(given.get("granularity", "channel"), given.get("group_size", 0))
    K = 2 ** (given.get("bits", 8) - 1) - 1
    [W] = request.inputs
    assert W is not None
    codes, scales = np.zeros(W.shape, np.float64), []
    for w, b in zip(granularity.parts(W.data.astype(np.float64)), granularity.parts(codes)):
        alpha = np.abs(w).max(initial=0.0) / K
        for _ in range(steps + 1):
            if not alpha > 0:
                break
            after = np.sign(w) * np.minimum(rounding(np.abs(w) / alpha), most(K))
            settled = np.array_equal(after, b)
            b[:] = after
            if settled:
                break
            if steps:
                alpha = scale(w, b)
        scales.append(alpha)
    int8 = np.clip(codes, -128, 127).astype(np.int8)
    return [Tensor("int8", int8), encode(np.array(scales, np.float64), "float32")]
