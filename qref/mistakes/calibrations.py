"""Calibration in float64, with the places where an engine goes wrong open to change."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check, rerun
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

Floats = NDArray[np.float64]


def clipped(request: Request, choose: Callable[[NDArray[np.int64]], float]) -> list[Tensor]:
    """The reference's histogram, and another T, which `choose` gives in bins from the counts."""
    answer = rerun(replace(request, outputs=3))
    counts = answer[2].data
    batches = [batch.data.reshape(-1) for batch in request.inputs if batch is not None]
    x = np.concatenate(batches).astype(np.float64) if batches else np.zeros(0)
    largest = float(np.abs(x).max(initial=0.0))
    width = 2.0 ** np.frexp(largest)[1] / counts.size if largest else 0.0
    T = choose(counts) * width
    ends = max(-T, float(x.min(initial=0.0))), min(T, float(x.max(initial=0.0)))
    return [*(encode(np.array(end), "float32") for end in ends), answer[2]][: request.outputs]


def averaged(request: Request, seed: float | None, weight: Callable[[float], float]) -> list[Tensor]:
    """A moving average from `seed`, or from the first batch, with `weight` of constant for the new."""
    check(request, ("CalibrateMovingAverage",))
    c = weight(float(np.float32(request.attributes.get("constant", 0.01))))
    ends = []
    for end in (np.min, np.max):
        r = seed
        for batch in request.inputs:
            if batch is not None and batch.data.size:
                x = float(end(batch.data))
                r = x if r is None else r + c * (x - r)
        ends.append(r or 0.0)
    return [encode(np.array(min(ends[0], 0.0)), "float32"), encode(np.array(max(ends[1], 0.0)), "float32")]


def least_divergence(
    counts: NDArray[np.int64],
    levels: int,
    *,
    add: bool = True,
    twice: bool = False,
    everywhere: bool = False,
    all_bins: bool = True,
    lent: float = 0.0,
) -> float:
    """m + 1/2 of the least D.

    add: outliers to the last bin of P, twice: of Q too; everywhere: Q in empty bins too; all_bins: nothing clipped is
    tried as well; lent: what P and Q get where they are 0.
    """
    if not counts.any():
        return 0.0
    found = []
    for i in range(levels, max(counts.size + all_bins, levels + 1)):
        inside, level = counts[:i].astype(np.float64), np.arange(i) * levels // i
        P, base = inside.copy(), inside.copy()
        P[-1] += counts[i:].sum() if add else 0
        base[-1] += counts[i:].sum() if twice else 0
        spread = np.bincount(level, weights=np.ones(i) if everywhere else P > 0, minlength=levels)
        share = np.bincount(level, weights=base, minlength=levels) / np.maximum(spread, 1)
        Q = np.where((P > 0) | everywhere, share[level], 0.0)
        found.append(_divergence(np.where(P == 0, lent, P), np.where(Q == 0, lent, Q)))
    return float(np.argmin(found) + levels) + 0.5


def _divergence(P: Floats, Q: Floats) -> float:
    used = P > 0
    if not used.any() or not Q[used].all():
        return float("inf")
    p, q = P[used] / P.sum(), Q[used] / Q.sum()
    return max(float(np.sum(p * np.log(p / q))), 0.0)


def given(request: Request, name: str, usual: Any) -> Any:
    """An attribute, or its default."""
    return request.attributes.get(name, usual)
